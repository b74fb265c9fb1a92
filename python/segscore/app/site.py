"""The addresses of the application, and what answers them. Names and paths of users are never part of one.

Who may ask is decided in `guard`, before anything here is reached.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from segscore.app import actions, answers, begun, dataset_views, model_views, results, run_views, views
from segscore.app.answers import Answer, Form, done, shown
from segscore.app.evaluating import ALL, evaluate, evaluate_all
from segscore.app.evaluation_views import choosing_again, choosing_page, evaluation_page
from segscore.app.faults import Filled, of_query
from segscore.app.fields import Fields
from segscore.app.guard import Guard
from segscore.app.images import images_page
from segscore.app.page import STATIC
from segscore.app.state import State, refused
from segscore.errors import SegscoreError
from segscore.pages.queries import switch_of

_JOB, _RUN = "/jobs/{number:int}", "/runs/{run:str}"


def site(state: State, *, port: int, token: str) -> Guard:
    """Return the application, guarded, for a port and a token that lets a browser in."""
    handlers: dict[Any, Any] = {404: answers.refused, 405: answers.refused, 500: answers.failed}
    application = Starlette(routes=_routes(), exception_handlers=handlers)
    application.state.segscore = state
    return Guard(application, port=port, token=token)


def _routes() -> list[Route]:
    get, post = partial(Route, methods=["GET"]), partial(Route, methods=["POST"])
    return [
        get("/", shown(lambda state, r: views.home(state, _asked(r, "said"), _asked(r, "find")))),
        get(
            "/matrix", shown(lambda state, r: run_views.matrix(state, _asked(r, "metric"), _asked(r, "find")))
        ),
        get("/runs", shown(_history)),
        get(_RUN, shown(_run_page)),
        get(f"{_RUN}/report.html", answers.report),
        get(f"{_RUN}/images", shown(_images_page)),
        get(f"{_RUN}/images.{{kind:str}}", answers.images),
        get(f"{_RUN}/objects.{{kind:str}}", answers.objects),
        get(f"{_RUN}/pictures/{{index:int}}/{{part:str}}", answers.picture),
        get("/compare", answers.comparison),
        get(
            "/model",
            shown(lambda state, r: model_views.model_page(state, _asked(r, "name"), _asked(r, "metric"))),
        ),
        get("/dataset", shown(_dataset_page)),
        get("/dataset/pictures/{index:int}/{part:str}", answers.dataset_picture),
        get("/datasets", shown(lambda state, _: views.datasets(state))),
        get("/datasets/new", shown(_new_dataset)),
        get("/evaluate/new", shown(_evaluate_with)),
        get("/evaluate/dataset", shown(_choosing)),
        get("/evaluation", shown(_evaluation)),
        get("/folders", answers.folders),
        get("/models/new", shown(lambda state, _: views.model_form(state))),
        get(_JOB, shown(lambda state, r: begun.job_page(state, r.path_params["number"]))),
        get("/state", answers.progress),
        get(f"{STATIC}{{name:str}}", answers.static),
        post("/evaluate", _sent(evaluate)),
        post(ALL, _sent(evaluate_all, _evaluate_form)),
        post("/evaluate/new", _sent(evaluate, _evaluate_form)),
        post("/evaluate/dataset", _sent(evaluate, choosing_again)),
        post("/models/new", _sent(actions.add_model, _model_form)),
        post("/datasets/new", _sent(actions.add_dataset, _dataset_form)),
        post("/jobs/dismiss", _sent(actions.dismiss_finished)),
        post(f"{_JOB}/cancel", _sent_of_job(actions.cancel)),
        post(f"{_JOB}/dismiss", _on_job(actions.dismiss)),
        post(f"{_JOB}/retry", _sent_of_job(actions.retry)),
        post(f"{_RUN}/go-on", _on_run(actions.go_on)),
        post(f"{_RUN}/again", _on_run(actions.again)),
        post(f"{_RUN}/remove", _on_run(actions.remove)),
        post(f"{_RUN}/tag", _sent_of_run(actions.tag)),
        post(f"{_RUN}/untag", _sent_of_run(actions.untag)),
        post(f"{_RUN}/bring-back", _on_run(actions.bring_back)),
        post(f"{_RUN}/note", _sent_of_run(actions.note)),
    ]


def _asked(request: Request, name: str) -> str:
    return request.query_params.get(name, "")


def _history(state: State, request: Request) -> str:
    return run_views.history(state, *(_asked(request, name) for name in ("find", "page", "tag", "said")))


def _run_page(state: State, request: Request) -> str:
    run = request.path_params["run"]
    try:
        return results.run_page(state, answers.run_of(request), wait=answers.waits(request))
    except SegscoreError as error:
        page = begun.run_page(state, run, error)
        if page is None:
            raise
        return page


def _images_page(state: State, request: Request) -> str:
    return images_page(state, answers.run_of(request), request.query_params)


def _evaluation(state: State, request: Request) -> str:
    return evaluation_page(state, *(_asked(request, name) for name in ("model", "dataset", "job")))


def _choosing(state: State, request: Request) -> str:
    return choosing_page(state, _asked(request, "model"), workspace=_asked(request, "workspace"))


def _evaluate_with(state: State, request: Request) -> str:
    return views.evaluate_form(
        state, _asked(request, "model"), Filled({"dataset": _asked(request, "dataset")})
    )


def _dataset_page(state: State, request: Request) -> str:
    asked = partial(_asked, request)
    with of_query():
        audit = switch_of(request.query_params, "audit")
    return dataset_views.dataset_page(
        state, asked("name"), asked("metric"), against=asked("against"), audit=audit
    )


def _new_dataset(state: State, request: Request) -> str:
    """Return the form: empty, or as it was filled in for a ``job`` that failed."""
    number = _asked(request, "job")
    if not number:
        return views.dataset_form(state, _asked(request, "model"))
    fields = actions.filled_in(state, number)
    return views.dataset_form(state, _known(state, fields), Filled(fields))


def _model_form(state: State, fields: Fields, error: SegscoreError) -> str:
    return views.model_form(state, refused(fields, error))


def _evaluate_form(state: State, fields: Fields, error: SegscoreError) -> str:
    return views.evaluate_form(state, fields.get("model", ""), refused(fields, error))


def _dataset_form(state: State, fields: Fields, error: SegscoreError) -> str:
    return views.dataset_form(state, _known(state, fields), refused(fields, error))


def _known(state: State, fields: Fields) -> str:
    """Return the model that a form names, if there is one."""
    model = fields.get("model", "")
    return model if model in state.workspace.models else ""


def _sent(act: Callable[[State, Fields], str], form: Form | None = None) -> Answer:
    return done(lambda state, _, fields: act(state, fields), form)


def _sent_of_job(act: Callable[[State, int, Fields], str]) -> Answer:
    return done(lambda state, request, fields: act(state, request.path_params["number"], fields))


def _sent_of_run(act: Callable[[State, str, Fields], str]) -> Answer:
    return done(lambda state, request, fields: act(state, request.path_params["run"], fields))


def _on_job(act: Callable[[State, int], str]) -> Answer:
    return done(lambda state, request, _: act(state, request.path_params["number"]))


def _on_run(act: Callable[[State, str], str]) -> Answer:
    return done(lambda state, request, _: act(state, request.path_params["run"]))

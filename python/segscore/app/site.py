"""The addresses of the application, and what answers them. Names and paths of users are never part of an address.

Who may ask is decided in `guard`, before anything here is reached.
"""

import traceback
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from segscore.app import actions, pictures, results, views
from segscore.app.forms import Fields, fields_of
from segscore.app.guard import BODY, Guard, page_of
from segscore.app.state import State, notice_of
from segscore.errors import ArgumentError, SegscoreError
from segscore.render.html.application import STATIC, Notice, job_texts, work_text
from segscore.render.html.page import asset, assets

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

Answer: TypeAlias = Callable[["Request"], "Response"]

_RUN = "{run:str}"
_SCRIPT, _STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"


def site(state: State, *, port: int, token: str) -> Guard:
    """Return the application, guarded.

    Parameters
    ----------
    state : State
        What it shows.
    port : int
        Where it listens.
    token : str
        What lets a browser in.
    """
    return Guard(_application(state), port=port, token=token)


def _application(state: State) -> "ASGIApp":
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
    from starlette.routing import Route

    def shown(make: Callable[[Request], str]) -> Answer:
        """Answer with a page; what is wrong is a page, too."""

        def answer(request: Request) -> Response:
            try:
                return HTMLResponse(make(request))
            except SegscoreError as error:
                text = views.message(state, "This cannot be shown", notice_of(error))
                return HTMLResponse(text, 404 if isinstance(error, ArgumentError) else 500)

        return answer

    def done(
        act: Callable[[Request, Fields], str], form: Callable[[Fields, SegscoreError], str] | None = None
    ) -> Answer:
        """Do something and go to another page; what is wrong with a form is said above it."""

        def answer(request: Request) -> Response:
            fields: Fields = {}
            try:
                fields = fields_of(request.scope[BODY])
                return RedirectResponse(act(request, fields), 303)
            except SegscoreError as error:
                text = views.message(state, "This cannot be done", notice_of(error)) if form is None else None
                return HTMLResponse(text if form is None else form(fields, error), 400)

        return answer

    def run_of(request: Request) -> Any:
        return state.workspace.runs()[request.path_params["run"]]

    def query(request: Request, name: str) -> str:
        return request.query_params.get(name, "")

    def progress(request: Request) -> Response:
        jobs = state.jobs.all()
        return JSONResponse(
            {
                "stamp": state.jobs.stamp,
                "work": work_text(jobs),
                "jobs": [job_texts(job) for job in jobs if job.active],
            }
        )

    def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC_FILES:
            raise HTTPException(404)
        kind = _STYLE if name.endswith(".css") else _SCRIPT
        return Response(asset(name), headers={"content-type": kind, "cache-control": "no-cache"})

    def report(request: Request) -> Response:
        try:
            run = run_of(request)
            text = results.report_file(state, run)
        except SegscoreError as error:
            return HTMLResponse(views.message(state, "This cannot be shown", notice_of(error)), 404)
        # The page has a policy of its own, for it has styles and scripts within; here it is only saved.
        name = f'attachment; filename="segscore-{run.id}.html"'
        return Response(text, media_type="text/html", headers={"content-disposition": name})

    def picture(request: Request) -> Response:
        kind = pictures.KINDS.get(request.path_params["part"])
        if kind is None:
            raise HTTPException(404)
        part = request.path_params["part"]
        try:
            run = run_of(request)
            evaluation = results.results(state, run).evaluation
            found = pictures.picture(state, run, evaluation, request.path_params["index"])
        except SegscoreError as error:
            return Response(error.message, 404, media_type="text/plain")
        content = getattr(found, part)
        if not content:
            reason = found.photograph_reason if part == "photograph" else found.reason
            return Response(reason, 404, media_type="text/plain")
        return Response(content, media_type=kind)

    def model_form(fields: Fields, error: SegscoreError) -> str:
        return views.model_form(state, fields, [notice_of(error)])

    def dataset_form(fields: Fields, error: SegscoreError) -> str:
        model = fields.get("model", "")
        known = model if model in state.workspace.models else ""
        return views.dataset_form(state, known, fields, [notice_of(error)])

    def on_job(act: Callable[[State, int], str]) -> Answer:
        return done(lambda request, _: act(state, request.path_params["number"]))

    def on_run(act: Callable[[State, str], str]) -> Answer:
        return done(lambda request, _: act(state, request.path_params["run"]))

    def failed(request: Request, error: Exception) -> Response:
        # uvicorn writes the traceback to the terminal.
        text = "".join(traceback.format_exception_only(error)).strip()
        return HTMLResponse(page_of("Something went wrong in segscore itself.", text), 500)

    def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        notice = Notice("There is no such page." if status == 404 else "This cannot be done here.")
        return HTMLResponse(views.message(state, f"{status}", notice), status)

    get, post = partial(Route, methods=["GET"]), partial(Route, methods=["POST"])
    job, run = "/jobs/{number:int}", f"/runs/{_RUN}"
    routes = [
        get("/", shown(lambda _: views.home(state))),
        get("/matrix", shown(lambda r: views.matrix(state, query(r, "metric")))),
        get("/runs", shown(lambda r: views.history(state, query(r, "find")))),
        get("/compare", shown(lambda r: results.comparison_page(state, r.query_params.getlist("run")))),
        get("/datasets", shown(lambda _: views.datasets(state))),
        get("/datasets/new", shown(lambda r: views.dataset_form(state, query(r, "model")))),
        get("/models/new", shown(lambda _: views.model_form(state))),
        get("/state", progress),
        get(run, shown(lambda r: results.run_page(state, run_of(r)))),
        get(f"{run}/report.html", report),
        get(f"{run}/pictures/{{index:int}}/{{part:str}}", picture),
        get(f"{STATIC}{{name:str}}", static),
        post("/evaluate", done(lambda _, fields: actions.evaluate(state, fields))),
        post("/models/new", done(lambda _, fields: actions.add_model(state, fields), model_form)),
        post("/datasets/new", done(lambda _, fields: actions.add_dataset(state, fields), dataset_form)),
        post(f"{job}/cancel", on_job(actions.cancel)),
        post(f"{job}/dismiss", on_job(actions.dismiss)),
        post(f"{job}/retry", done(lambda r, f: actions.retry(state, r.path_params["number"], f))),
        post(f"{run}/go-on", on_run(actions.go_on)),
        post(f"{run}/again", on_run(actions.again)),
        post(f"{run}/remove", on_run(actions.remove)),
        post(f"{run}/note", done(lambda r, f: actions.note(state, r.path_params["run"], f))),
    ]
    handlers: dict[Any, Any] = {404: refused, 405: refused, 500: failed}
    return Starlette(routes=routes, exception_handlers=handlers)


_STATIC_FILES = frozenset(assets())

"""Answers to requests: pages, what follows a form, pictures, files, and errors as pages.

Starlette is imported here and in `site`, which nothing imports before the application is served.
"""

import traceback
from collections.abc import Callable, Mapping
from typing import TypeAlias, cast
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from segscore.app import compare_views, pictures, results, views
from segscore.app.faults import QueryError, check_query, faults_of
from segscore.app.fields import Fields, fields_of
from segscore.app.folders import folders_of
from segscore.app.guard import BODY
from segscore.app.image_table import FORMATS, images_columns
from segscore.app.job_texts import job_texts, work_text
from segscore.app.page import Notice
from segscore.app.state import State, notice_of
from segscore.errors import ArgumentError, SegscoreError
from segscore.pages.outlines import Outlined
from segscore.pages.page import asset, assets
from segscore.pages.panels.strips import size_said
from segscore.pages.pictures import Picture
from segscore.text.frames import table_format
from segscore.workspace import Run
from segscore.workspace.exports import Columns, object_columns

Answer: TypeAlias = Callable[[Request], Response]
Page: TypeAlias = Callable[[State, Request], str]
Action: TypeAlias = Callable[[State, Request, Fields], str]
Form: TypeAlias = Callable[[State, Fields, SegscoreError], str]

_STATIC_FILES = frozenset(assets())
_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_JSON = "application/json"
_BAD_REQUEST, _NOT_FOUND = 400, 404
_SEVERAL = frozenset({"run"})
"""What a query may hold several times: runs that are compared."""
_TWO = 2
_BACK = "go back to Models, where everything begins"


def state_of(request: Request) -> State:
    """Return what all pages share."""
    return cast(State, request.app.state.segscore)


def shown(page: Page) -> Answer:
    """Return what answers with a page; what is wrong is a page, too."""

    def answer(request: Request) -> Response:
        state = state_of(request).stamped()
        try:
            check_query(request.query_params.multi_items(), _SEVERAL)
            return HTMLResponse(page(state, request))
        except SegscoreError as error:
            return _wrong(state, error)

    return answer


def done(act: Action, form: Form | None = None) -> Answer:
    """Return what does something and goes on to the page whose address the action returns.

    `form` returns the page of a form as it was filled in, and says what is wrong with it. A script that asks
    for JSON is told the address, or that page: a form that is wrong is no failure of the request.
    """

    def answer(request: Request) -> Response:
        state, fields = state_of(request), Fields()
        told = request.headers.get("accept") == _JSON
        try:
            fields = fields_of(request.scope[BODY])
            address = act(state, request, fields)
            return JSONResponse({"address": address}) if told else RedirectResponse(address, 303)
        except SegscoreError as error:
            if form is None:
                return _wrong(state, error, "This cannot be done", _BAD_REQUEST)
            try:
                page = form(state, fields, error)
            except SegscoreError as lost:  # what the form offers cannot be read
                return _wrong(state, lost)
            return JSONResponse({"page": page}) if told else HTMLResponse(page, _BAD_REQUEST)

    return answer


def comparison(request: Request) -> Response:
    """Answer with a comparison of runs in the order given, or of ``either``, the earlier versions first."""
    either = request.query_params.getlist("either")
    if either:
        try:
            runs = compare_views.ordered(state_of(request), either)
        except SegscoreError as error:
            return _wrong(state_of(request), error)
        return RedirectResponse(f"/compare?{urlencode([('run', run) for run in runs])}", 303)
    chosen, wait = request.query_params.getlist("run"), waits(request)
    if len(chosen) > _TWO:
        return shown(lambda state, _: compare_views.several_page(state, chosen))(request)
    return shown(lambda state, _: results.comparison_page(state, chosen, wait=wait))(request)


def run_of(request: Request) -> Run:
    """Return the run that an address names; an error if there is none."""
    run: str = request.path_params["run"]
    return state_of(request).workspace.runs()[run]


def waits(request: Request) -> bool:
    """Whether a page is asked for with its intervals, however long they take."""
    return results.WAIT in str(request.query_params).split("&")


def progress(request: Request) -> Response:
    """Answer how far all jobs are, and what tells whether anything else has changed, as JSON."""
    state = state_of(request)
    stamp, listed = state.stamp, state.jobs.all()
    active = [job_texts(job) for job in listed if job.active]
    return JSONResponse({"stamp": stamp, "work": work_text(listed), "jobs": active})


def folders(request: Request) -> Response:
    """Answer with the folders whose paths begin with a text, as JSON."""
    found = folders_of(request.query_params.get("path", ""), state_of(request).here)
    return JSONResponse(found)


def static(request: Request) -> Response:
    """Answer with a style sheet or a script of the package."""
    name = request.path_params["name"]
    if name not in _STATIC_FILES:
        raise HTTPException(_NOT_FOUND)
    kind = _KINDS[name.rpartition(".")[2]]
    return Response(asset(name), headers={"content-type": kind, "cache-control": "no-cache"})


def report(request: Request) -> Response:
    """Answer with the report of a run, an HTML file to save, or with a page that says why there is none."""
    state = state_of(request)
    try:
        run = run_of(request)
        text = results.report_file(state, run)
    except SegscoreError as error:
        return _wrong(state, error)
    name = f'attachment; filename="segscore-{run.id}.html"'
    return Response(text, media_type="text/html", headers={"content-disposition": name})


def images(request: Request) -> Response:
    """Answer with the table of a run's images that a query asks for, as a file to save."""
    return _table(request, "images", images_columns)


def objects(request: Request) -> Response:
    """Answer with the table of all objects of a run, as a file to save."""
    return _table(request, "objects", lambda _, run, __: object_columns([run]))


def _table(
    request: Request, what: str, columns_of: Callable[[State, Run, Mapping[str, str]], Columns]
) -> Response:
    """Answer with a table of a run as a file to save."""
    state, kind = state_of(request), request.path_params["kind"]
    if kind not in FORMATS:
        raise HTTPException(_NOT_FOUND)
    try:
        check_query(request.query_params.multi_items())
        run = run_of(request)
        content = table_format(f".{kind}")(columns_of(state, run, request.query_params))
    except SegscoreError as error:
        return _wrong(state, error)
    name = f'attachment; filename="segscore-{run.id}-{what}.{kind}"'
    return Response(content, media_type=FORMATS[kind], headers={"content-disposition": name})


def picture(request: Request) -> Response:
    """Answer with a part of the pictures of an image, or with a text that says why there is none.

    How large the masks are, and are shown, is in the header ``X-Shown``, as the report has it.
    """
    state, part = state_of(request), request.path_params["part"]
    if part not in (*pictures.KINDS, *pictures.OUTLINED):
        raise HTTPException(_NOT_FOUND)
    try:
        run = run_of(request)
        evaluation = pictures.evaluation_of(state, run)
        if part in pictures.OUTLINED:
            return _outlines(pictures.outlined(state, run, evaluation, request.path_params["index"]), part)
        found = pictures.picture(state, run, evaluation, request.path_params["index"])
    except SegscoreError as error:
        return Response(error.message, _NOT_FOUND, media_type="text/plain")
    return _picture(found, part)


def _picture(found: Picture, part: str) -> Response:
    content = getattr(found, part)
    if not content:
        reason = found.photograph_reason if part == "photograph" else found.reason
        return Response(reason, _NOT_FOUND, media_type="text/plain")
    return Response(content, media_type=pictures.KINDS[part], headers={"x-shown": size_said(found)})


def _outlines(found: Outlined, part: str) -> Response:
    content = found.target if part == "targets" else found.pred
    if not content:
        return Response(found.reason, _NOT_FOUND, media_type="text/plain")
    return Response(content, media_type="image/png")


def dataset_picture(request: Request) -> Response:
    """Answer with the photograph or the target of an image of a dataset, or with why there is none."""
    state, part = state_of(request), request.path_params["part"]
    if part not in ("photograph", "target"):
        raise HTTPException(_NOT_FOUND)
    try:
        dataset = state.dataset(request.query_params.get("name", ""))
        found = pictures.of_dataset(state, dataset, request.path_params["index"])
    except SegscoreError as error:
        return Response(error.message, _NOT_FOUND, media_type="text/plain")
    return _picture(found, part)


def refused(request: Request, error: Exception) -> Response:
    """Answer that there is no such page, or that it is not used in this way, and lead back.

    An error without a status stands for no such page.
    """
    status = error.status_code if isinstance(error, HTTPException) else _NOT_FOUND
    title, said = (
        ("Not found", "There is no such page.")
        if status == _NOT_FOUND
        else ("This cannot be done here", "This page is not used in this way.")
    )
    return HTMLResponse(views.message(state_of(request), title, Notice(said, _BACK)), status)


def failed(request: Request, error: Exception) -> Response:
    """Answer that there is a defect; the terminal shows the traceback."""
    notice = Notice(
        "".join(traceback.format_exception_only(error)).strip(), "the terminal says where; please report it"
    )
    return HTMLResponse(views.message(state_of(request), "A defect of segscore", notice), 500)


def _wrong(
    state: State, error: SegscoreError, title: str = "This cannot be shown", status: int | None = None
) -> Response:
    if status is None:
        status = _NOT_FOUND if isinstance(error, ArgumentError) else 500
        status = _BAD_REQUEST if isinstance(error, QueryError) else status
    notices = [notice_of(fault.error) for fault in faults_of(error)]
    return HTMLResponse(views.message(state, title, *notices), status)

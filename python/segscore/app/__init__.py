"""The local application: pages in a browser from which models of a workspace are evaluated and compared.

It serves one person on one machine: `guard` lets nobody else in, `jobs` runs models in processes of their
own, `site` says which address is answered by what, and `server` starts it all. `page` frames the panels that
`segscore.pages` and templates of this package lay out. Starlette and uvicorn (extra ``app``) are imported
where they are used.
"""

"""Pages: one HTML file that shows a result, from panels that other pages can show as well.

``page`` puts panels together; each panel is a module of its own with a template of its name. Templates
escape every text and know no number that was not given to them; scripts and the style sheet are files, which
a page holds or names. Data for scripts goes into blocks of JSON, never into a script. Nothing is read or
written here but the templates.
"""

"""Pages in a browser. A package, so that the browser ends with the last test in this folder.

Playwright keeps an event loop and a process of its own, which tests of forks and threads must not meet.
"""

"""The files of a workspace, their index, and where masks lie."""

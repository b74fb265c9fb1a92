"""Made-up data to try everything on: streets with predictions, photographs of them, models and volumes.

Nothing here is measured. A workspace of them is made in `segscore.workspace.demo`.
"""

from segscore.demo.streets import IMAGES, REPORT, Demo, write_demo

__all__ = ["IMAGES", "REPORT", "Demo", "write_demo"]

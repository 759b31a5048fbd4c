"""Excel and OpenDocument workbooks."""

from regulars.collect.sources.xlsx.read import read_workbook

__all__ = ["read_workbook"]

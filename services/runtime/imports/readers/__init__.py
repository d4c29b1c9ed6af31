"""Files as tables: CSV, workbooks and JSON lines."""

from pathlib import Path

from services.runtime.imports.language import FileRule
from services.runtime.imports.readers.delimited import DelimitedTable
from services.runtime.imports.readers.json_lines import JsonLinesTable
from services.runtime.imports.readers.source import look
from services.runtime.imports.readers.table import Cell, Cells, Row, Table, text_of
from services.runtime.imports.readers.workbook import WorkbookTable

__all__ = ["Cell", "Cells", "Row", "Table", "open_table", "text_of"]


def open_table(path: Path, rule: FileRule) -> Table:
    """A file as a table. Raises FileRefused, one sentence, where it is not what it says."""
    source = look(path)
    if source.kind == "jsonl":
        return JsonLinesTable(source)
    if source.kind == "workbook":
        return WorkbookTable(source, rule)
    if source.kind == "other workbook":
        # loads a library that most imports do without
        from services.runtime.imports.readers.other_workbooks import OtherWorkbookTable

        return OtherWorkbookTable(source, rule)
    return DelimitedTable(source, rule)

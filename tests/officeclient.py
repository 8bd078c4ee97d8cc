"""A co-author in LibreOffice: edits that LibreOffice makes itself, tracked or not, by a macro in its own profile."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub Edit(source, target, plan)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  doc = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  number = FreeFile
  Open plan For Input As #number
  While Not Eof(number)
    Line Input #number, row
    parts = Split(row, Chr(9))
    d = doc.createSearchDescriptor()
    d.SearchString = parts(2) : d.SearchCaseSensitive = True
    found = doc.findFirst(d)
    If Not IsNull(found) Then
      doc.RecordChanges = (parts(0) = "tracked")
      t = found.getText()
      If parts(1) = "replace" Then
        found.setString(parts(3))
      ElseIf parts(1) = "append" Then
        t.insertString(found.getEnd(), parts(3), False)
      ElseIf parts(1) = "bold" Then
        found.CharWeight = 150
      ElseIf parts(1) = "split" Then
        c = t.createTextCursorByRange(found.getEnd())
        t.insertControlCharacter(c, com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK, False)
      End If
    End If
  Wend
  Close #number
  doc.RecordChanges = False
  Dim kind(0) As New com.sun.star.beans.PropertyValue
  kind(0).Name = "FilterName" : kind(0).Value = "MS Word 2007 XML"
  doc.storeToURL(target, kind())
  doc.close(True)
End Sub
</script:module>
"""


def edit(office: str, source: Path, target: Path, plan: list[tuple[str, str, str, str]], folder: Path) -> None:
    """Let LibreOffice make edits and save the file.

    ``plan`` has rows of "tracked" or "plain", what to do (replace, append, bold, split), where (words that stand once)
    and the new words.
    """
    rows = folder / "plan.txt"
    rows.write_text("".join("\t".join(row) + "\n" for row in plan), encoding="utf-8")
    command = [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    module = folder / "profile/user/basic/Standard/Module1.xba"
    if not module.is_file():  # the first start makes the profile
        subprocess.run([*command, "--terminate_after_init"], check=True, capture_output=True, timeout=120)
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(MODULE, encoding="utf-8")
    call = f'macro:///Standard.Module1.Edit("{source.as_uri()}","{target.as_uri()}","{os.fspath(rows)}")'
    subprocess.run([*command, call], check=True, capture_output=True, timeout=120)

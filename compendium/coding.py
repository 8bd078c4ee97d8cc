"""Commands on coded projects: how far coders agree, what was said, what became of the codebook, the audit trail."""

from __future__ import annotations

import argparse

from compendium import project


def agreement(options: argparse.Namespace) -> int:
    from compendium.evidence.tablefiles import write_table
    from compendium.refiqda import reports

    source = reports.opened(options.project)
    asked = (options.coders, options.code, options.unit)
    print("\n".join(reports.agreement(source, *asked)))
    if options.out is not None:
        table = reports.disagreements(source, *asked)
        written = write_table(table, options.out, "Disagreements between coders, for their meeting", reports.READING)
        many = f"{len(table):,} disagreement{'s' * (len(table) != 1)}"
        print(f"{project.relative(written)}: {many}; it holds what people said")
    return 0


def quotes(options: argparse.Namespace) -> int:
    from compendium.evidence import tablefiles
    from compendium.refiqda import reports

    source = reports.opened(options.project or reports.imported())
    table = reports.quotations(
        source, code=options.code, other=options.other, cases=options.case, speakers=options.speaker,
        where=reports.pairs_of(options.where), context=options.context, order=options.order.split(","),
        chosen=options.chosen, paper=options.paper,
    )  # fmt: skip
    if options.out is None and options.format in ("csv", "md"):
        print(tablefiles.as_text(table, options.format), end="")
        return 0
    out = options.out or reports.private_place(f"quotations.{options.format}")
    written = tablefiles.write_table(table, out, "Quotations", kind=options.format)
    print(f"{project.relative(written)}: {len(table):,} quotation{'s' * (len(table) != 1)}; it holds what people said")
    return 0


def diff_codebook(options: argparse.Namespace) -> int:
    from compendium.evidence import codebookdiff, tablefiles
    from compendium.refiqda import reports

    old, new = (reports.state(name) for name in (options.old, options.new))
    table = codebookdiff.changes(old, new)
    said = codebookdiff.summary(table, old, new)
    print(said)
    print("\n".join(codebookdiff.lines(table)))
    if options.out is not None:
        shown = table.rename(columns=lambda column: column.replace("_", " ").capitalize())
        shown = table if options.out.suffix == ".csv" else shown
        print(project.relative(tablefiles.write_table(shown, options.out, "Changes of the codebook", said)))
    return 0


def trail(options: argparse.Namespace) -> int:
    from compendium.project import write_text
    from compendium.refiqda import auditreport, reports

    source = reports.opened(options.project)
    earlier = [reports.state(name) for name in options.earlier]
    report = auditreport.written(source, earlier)
    out = options.out or reports.private_place("audit-trail.md")
    if out.suffix.lower() == ".md":
        write_text(out, report)
    else:
        auditreport.converted(report, out)
    print(f"{project.relative(out)}: it holds what was written about people")
    return 0


def framework(options: argparse.Namespace) -> int:
    from compendium.evidence import tablefiles
    from compendium.refiqda import reports

    source = reports.opened(options.project)
    table = reports.framework_matrix(source, options.theme, options.by)
    out = options.out or reports.private_place("framework.xlsx")
    notes = "In square brackets: how many passages, and the ids of the first; compendium quotes shows them."
    written = tablefiles.write_table(table, out, "Framework matrix", notes)
    print(f"{project.relative(written)}: {len(table):,} rows, {table.shape[1] - 1} themes; it names cases")
    return 0


VERBS = {
    "framework": framework,
    "agreement": agreement,
    "quotes": quotes,
    "diff-codebook": diff_codebook,
    "trail": trail,
}

"""Command on the published study itself: report-mode."""

from bayesgap.cli.common import TRUST, Debug, PageOption, app, embedded, write_page


@app.command("report-mode", rich_help_panel=TRUST)
def report_mode(
    out: PageOption = None,
    debug: Debug = False,
) -> None:
    """Reproduce the published study's arithmetic, and say where its figures disagree.

    Example: bayesgap report-mode
    """
    from bayesgap.data.tables import read_tables
    from bayesgap.published_study.arithmetic import arithmetic_page, outcomes
    from bayesgap.study.report_mode import load_report_mode, report_mode_file

    mode = load_report_mode(report_mode_file())
    figures = read_tables(embedded()[0])["report_figures"]
    page = arithmetic_page(outcomes(figures, mode), mode)
    write_page(page, out)

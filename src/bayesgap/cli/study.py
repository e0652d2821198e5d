"""Commands that make studies: study new."""

from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import INPUTS, Debug, app

study_app = typer.Typer(no_args_is_help=True, help="Studies of your own.")
app.add_typer(study_app, name="study", rich_help_panel=INPUTS)
Server = Annotated[
    str | None,
    typer.Option(help="Play the bank from this address of this machine (rehearsals).", hidden=True),
]
CacheFolder = Annotated[Path, typer.Option(help="Where raw answers are kept.")]
CACHE = Path("statbank-cache")


@study_app.command()
def new(
    regions: Annotated[
        str,
        typer.Option(help='Municipalities: "0301; Salten=1804,1841; 56". Two digits: a county.'),
    ],
    name: Annotated[str, typer.Option(help="Name of the study, and of its folder.")],
    pooling: Annotated[
        str | None, typer.Option(help="Regions to learn from; proposed if none are named.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Mapping file of another country or of own tables.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that gets the study's folder.")] = Path("."),
    cache: CacheFolder = CACHE,
    offline: Annotated[bool, typer.Option(help="Send nothing; use the cache.")] = False,
    server: Server = None,
    debug: Debug = False,
) -> None:
    """Make a study of any municipalities; refuse what cannot be made, and say why."""
    from bayesgap.data.fetch import new_study
    from bayesgap.data.fetch.klass import Borders
    from bayesgap.data.fetch.session import Call, borders_now
    from bayesgap.study.bundle import bundle_root, default_study
    from bayesgap.study.study import load_study

    data = bundle_root() / "data" / "buskerud"
    embedded = new_study.embedded_pooling(data)
    if mapping is None:
        call = Call(cache, offline=offline, server=server)
        borders = borders_now(call, lambda text: typer.echo(text, err=True))
        targets = new_study.parse_regions(regions, borders.names)
        new_study.require_possible(targets, borders)
    else:
        borders = Borders({}, (), "")
        targets = new_study.parse_regions(regions, borders.names)
    chosen = (
        new_study.propose_pooling(targets, embedded)
        if pooling is None
        else {
            region: embedded.get(codes[0], codes)
            for region, codes in new_study.parse_regions(pooling, borders.names).items()
        }
    )
    names = dict(borders.names)
    for region, codes in {**targets, **chosen}.items():
        names |= {code: region for code in codes if code not in names}
    path = new_study.write_study(
        out / name,
        name,
        new_study.Layout(targets, chosen),
        names,
        load_study(default_study()),
        data,
        {code: borders.history(code) for code in borders.names},
        mapping,
    )
    typer.echo(f"{path}: {len(targets)} target regions.")
    for region, codes in targets.items():
        typer.echo(f"  {region}: {', '.join(f'{c} {names[c]}' for c in codes)}")
    typer.echo(f"Learns from: {', '.join(chosen)}.")
    typer.echo(f"Next: bayesgap data fetch {path}")

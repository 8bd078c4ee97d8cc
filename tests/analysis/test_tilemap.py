"""The tile map: every ICS has a tile of its own, neighbours stay together, north is up, regions hold together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from analysis import tilemap
from compendium.errors import CompendiumError
from compendium.figures import style

MAPPED = {"share": "most_deprived_fifth_percent", "group": "deprivation_class", "region": "nhs_region"}


@pytest.fixture(scope="module")
def tiles(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "data/published/ics_tiles.csv")


@pytest.fixture(scope="module")
def neighbours(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "data/published/ics_neighbours.csv")


@pytest.fixture(scope="module")
def ics(project: Path) -> pd.DataFrame:
    areas = pd.read_csv(project / "data/published/areas.csv")
    deprivation = pd.read_csv(project / "data/published/ics_deprivation.csv")
    return areas.merge(deprivation.drop(columns=["ics_name", "source", "place"]), on="stp21_code")


@pytest.fixture(scope="module")
def practices(raw_mirror: Path) -> pd.DataFrame:
    """Return where each practice stands and the area it belonged to in 2021."""
    map_of_2021 = pd.read_csv(raw_mirror / "gp-reg-pat-prac-map.csv").drop_duplicates("CCG_CODE")
    places = pd.read_csv(raw_mirror / "2022_2023.csv", low_memory=False).dropna(subset=["Latitude", "Longitude"])
    return places.assign(stp21_code=places["CCG21"].map(map_of_2021.set_index("CCG_CODE")["ONS_STP_CODE"]))


def test_each_ics_has_one_tile_of_its_own_and_its_own_codes(tiles: pd.DataFrame, ics: pd.DataFrame) -> None:
    assert len(tiles) == 42
    assert not tiles.duplicated(["column", "row"]).any()
    assert tiles["label"].is_unique
    codes = dict(zip(ics["stp21_code"], ics["ods_code"], strict=True))
    assert dict(zip(tiles["stp21_code"], tiles["ods_code"], strict=True)) == codes


def test_neighbours_touch_or_lie_within_two_tiles(tiles: pd.DataFrame, neighbours: pd.DataFrame) -> None:
    apart = tilemap.neighbour_distances(tiles, neighbours)
    assert len(apart) == 101
    assert (apart == 1).mean() >= 0.89
    assert apart.max() == 2


def test_regions_hold_together(tiles: pd.DataFrame, ics: pd.DataFrame) -> None:
    parts = tilemap.region_parts(tiles.merge(ics, on="stp21_code"), "nhs_region")
    assert parts == dict.fromkeys(ics["nhs_region"], 1)
    assert len(parts) == 7


def test_the_neighbours_are_those_the_practices_give(practices: pd.DataFrame, neighbours: pd.DataFrame) -> None:
    computed = tilemap.neighbours_from_practices(practices)
    pd.testing.assert_frame_equal(computed, neighbours, atol=0.11)


def test_north_is_up_and_east_is_right(practices: pd.DataFrame, tiles: pd.DataFrame) -> None:
    centre = practices.groupby("stp21_code")[["Latitude", "Longitude"]].mean()
    placed = tiles.set_index("stp21_code").join(centre)
    assert placed["row"].corr(-placed["Latitude"], method="spearman") > 0.95
    assert placed["column"].corr(placed["Longitude"], method="spearman") > 0.95


def test_corners_of_england_are_where_a_reader_looks_for_them(tiles: pd.DataFrame) -> None:
    place = tiles.set_index("ods_code")[["column", "row"]]
    assert place["row"].idxmin() == "QHM"  # Cumbria and North East
    assert place.loc["QT6"].tolist() == [0, place.loc["QJK", "row"]]  # Cornwall west of Devon
    assert place.loc["QKS", "column"] > place.loc["QXU", "column"]  # Kent east of Surrey
    assert place.loc["QRV", "column"] < place.loc["QMJ", "column"] < place.loc["QMF", "column"]  # London west to east


def square(**changes: object) -> pd.DataFrame:
    """Return practices of two areas, west and east, that meet along one straight border of about 11 km."""
    rows = [(52.8 + step / 50, x / 40, "west" if x < 0 else "east") for step in range(5) for x in (-3, -2, -1, 1, 2, 3)]
    return pd.DataFrame(rows, columns=["Latitude", "Longitude", "area"]).assign(**changes)


def test_areas_that_share_a_border_are_neighbours() -> None:
    found = tilemap.neighbours_from_practices(square(), key="area")
    assert found[["area_a", "area_b"]].to_numpy().tolist() == [["east", "west"]]
    assert found["edge_km"][0] == pytest.approx(3 * 111.32 / 50, abs=0.1)  # the outermost two edges are open


def test_a_stray_practice_makes_no_neighbours() -> None:
    stray = pd.DataFrame({"Latitude": [52.845], "Longitude": [0.05], "area": ["far away"]})
    found = tilemap.neighbours_from_practices(pd.concat([square(), stray], ignore_index=True), key="area")
    assert "far away" not in set(found["area_a"]) | set(found["area_b"])


def test_water_between_areas_keeps_them_apart() -> None:
    apart = square()
    apart.loc[apart["area"] == "east", "Longitude"] += 1.0  # 67 km
    assert tilemap.neighbours_from_practices(apart, key="area").empty


def test_a_region_in_two_parts_is_counted_as_two() -> None:
    tiles = pd.DataFrame({"region": ["a", "a", "b"], "column": [0, 1, 2], "row": [0, 1, 1]})
    assert tilemap.region_parts(tiles, "region") == {"a": 2, "b": 1}


def test_an_area_without_a_tile_is_refused(tiles: pd.DataFrame, neighbours: pd.DataFrame, ics: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="has no tile; found E54000007"):
        tilemap.neighbour_distances(tiles[tiles["stp21_code"] != "E54000007"], neighbours)
    with pytest.raises(CompendiumError, match="the areas of the tile map and its tiles differ; found E54000054"):
        tilemap.tile_map_data(ics[ics["stp21_code"] != "E54000054"], tiles, **MAPPED)
    with pytest.raises(CompendiumError, match="two areas share a tile"):
        tilemap.tile_map_data(ics, tiles.assign(row=0), **MAPPED)
    with pytest.raises(CompendiumError, match="an area stands twice in the data"):
        tilemap.tile_map_data(pd.concat([ics, ics.head(1)]), tiles, **MAPPED)


def test_the_data_are_what_the_map_shows(ics: pd.DataFrame, tiles: pd.DataFrame) -> None:
    data = tilemap.tile_map_data(ics, tiles, **MAPPED)
    assert list(data) == ["stp21_code", "label", "nhs_region", "column", "row", *list(MAPPED.values())[:2]]
    assert data["stp21_code"].iloc[0] == "E54000050"
    figure = tilemap.tile_map(ics, tiles, **MAPPED, legend="Most deprived\nfifth", ranges=["few", "some", "many"])
    axes = figure.axes[0]
    drawn = [
        (round(patch.get_x() / tilemap.TILE_WIDTH), round(patch.get_y() / tilemap.TILE_HEIGHT), patch.get_facecolor())
        for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_width() > 10
    ]
    from matplotlib.colors import to_rgba

    shade = dict(zip(("low", "medium", "high"), map(to_rgba, style.RAMP), strict=True))
    rows = zip(data["column"], data["row"], data["deprivation_class"], strict=True)
    assert drawn == [(column, row, shade[group]) for column, row, group in rows]
    printed = [text.get_text() for text in axes.texts]
    for label, share in zip(data["label"], data["most_deprived_fifth_percent"], strict=True):
        assert printed[printed.index("\n".join(style.wrapped(label))) + 1] == f"{share}%"
    assert {"many", "14 ICSs", "15 ICSs", "13 ICSs", "London", "South West"} <= set(printed)


def test_labels_stay_inside_their_tiles_and_clear_of_each_other(ics: pd.DataFrame, tiles: pd.DataFrame) -> None:
    with style.style():
        figure = tilemap.tile_map(
            ics, tiles, **MAPPED, legend="LSOAs in England's\nmost deprived fifth",
            ranges=["below 12.0%", "12.0% to 17.3%", "above 17.3%"],
        )  # fmt: skip
        renderer = figure.canvas.get_renderer()
        texts = figure.axes[0].texts
        boxes = [text.get_window_extent(renderer) for text in texts]
        page = figure.bbox
        wide = tilemap.TILE_WIDTH * figure.dpi / 25.4
    for place, (text, box) in enumerate(zip(texts, boxes, strict=True)):
        assert page.x0 <= box.x0 < box.x1 <= page.x1, text.get_text()
        if place < 84:  # a label and a number for each tile
            assert box.width < wide - 2, text.get_text()
        for other, second in zip(texts[place + 1 :], boxes[place + 1 :], strict=True):
            assert not box.overlaps(second), (text.get_text(), other.get_text())


def test_a_class_without_a_shade_is_refused(ics: pd.DataFrame, tiles: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="a class has no shade on the tile map; found high"):
        tilemap.tile_map(ics, tiles, **MAPPED, legend="", groups=["low", "medium"])

#!/usr/bin/env python3
"""Makes the font files of this folder from those of their makers. Needs fonttools and brotli.

    npm pack inter-ui@4.1.1                      # InterVariable.woff2
    apt-get install fonts-jetbrains-mono         # JetBrainsMono-Regular.ttf, 2.242
    cargo fetch                                  # the crate lucide-icons 1.66
    ./make.py InterVariable.woff2 JetBrainsMono-Regular.ttf ~/.cargo/registry/src/*/lucide-icons-1.66.0

What is done: Inter keeps Latin, Greek and Cyrillic, weights 400 to 600 at the optical size for small text, and has
tabular figures where a font usually has proportional ones. Both text fonts lose their ligatures and contextual
alternates: `->` and `</` must show as typed (for JetBrains Mono this is the NL cut). Lucide keeps the icons named in
icons.txt.
"""

import re
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent
TEXT = [
    (0x0020, 0x036F), (0x0370, 0x052F), (0x1C80, 0x1C8F), (0x1D00, 0x1DBF), (0x1E00, 0x1FFF), (0x2000, 0x206F),
    (0x2070, 0x20CF), (0x2100, 0x218F), (0x2190, 0x22FF), (0x2300, 0x23FF), (0x2400, 0x2426), (0x25A0, 0x25FF),
    (0x2600, 0x27FF), (0x2C60, 0x2C7F), (0x2DE0, 0x2E5D), (0xA640, 0xA69F), (0xA720, 0xA7FF), (0xFFFD, 0xFFFD),
]
KEPT = ["kern", "mark", "mkmk", "ccmp", "locl"]


def characters():
    return [code for first, last in TEXT for code in range(first, last + 1)]


def subsetter(features):
    options = subset.Options()
    options.layout_features = features
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.glyph_names = False
    options.hinting = True
    return subset.Subsetter(options)


def tabular_figures(font):
    """Makes the glyphs of `tnum` those of the digits themselves."""
    gsub = font["GSUB"].table
    swaps = {}
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for table in gsub.LookupList.Lookup[index].SubTable:
                    swaps.update(getattr(table, "ExtSubTable", table).mapping)
    swapped = 0
    for table in font["cmap"].tables:
        for code, glyph in list(table.cmap.items()):
            if 0x30 <= code <= 0x39 and glyph in swaps:
                table.cmap[code] = swaps[glyph]
                swapped += 1
    assert swapped >= 10, "no tabular figures found"


def inter(source):
    font = TTFont(source)
    tabular_figures(font)
    tool = subsetter(KEPT)
    tool.populate(unicodes=characters())
    tool.subset(font)
    font.flavor = None
    font = instancer.instantiateVariableFont(font, {"opsz": 14, "wght": (400, 400, 600)})
    font.save(HERE / "Inter.ttf")


def mono(source):
    font = TTFont(source)
    tool = subsetter(KEPT)
    tool.populate(unicodes=characters())
    tool.subset(font)
    font.save(HERE / "JetBrainsMonoNL.ttf")


def icons(crate):
    """Names and characters from the crate's own table, since the font has one name for an icon with several."""
    rust = (crate / "src/icon.rs").read_text()
    variants = dict(re.findall(r'"([a-z0-9-]+)" => Ok\(Icon::(\w+)\)', rust))
    codes = {name: int(code, 16) for name, code in re.findall(r"Icon::(\w+) => '\\u\{(\w+)\}'", rust)}
    names = (HERE / "icons.txt").read_text().split()
    unknown = [name for name in names if name not in variants]
    assert not unknown, f"not in this Lucide: {unknown}"
    font = TTFont(crate / "lucide.ttf")
    tool = subsetter([])
    tool.populate(unicodes=[codes[variants[name]] for name in names])
    tool.subset(font)
    # Side bearings are 0 in the source, its boxes start at 0 too; subsetting measures the boxes anew.
    outlines, metrics = font["glyf"], font["hmtx"]
    for name in font.getGlyphOrder():
        outlines[name].recalcBounds(outlines)
        metrics[name] = (metrics[name][0], getattr(outlines[name], "xMin", 0))
    font.save(HERE / "Lucide.ttf")


if __name__ == "__main__":
    inter(sys.argv[1])
    mono(sys.argv[2])
    icons(Path(sys.argv[3]))
    for path in sorted(HERE.glob("*.ttf")):
        print(path.name, path.stat().st_size, "bytes")

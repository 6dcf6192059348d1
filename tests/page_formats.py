"""Writers of page formats for tests: one page of lines as ALTO, hOCR, PAGE XML, PDF and HTML.

A character is a square of 20, lines are 30 apart; regions are set apart by 60. Vertical pages stand
in columns from right to left.
"""

from html import escape

SIZE, PITCH, GAP, MARGIN = 20, 30, 60, 100
WIDTH, HEIGHT = 2_000, 3_000


def regions(text):
    """The lines of a text in the regions that its blank lines part."""
    return [part.split("\n") for part in text.strip("\n").split("\n\n")]


def boxes(text, vertical=False):
    """(region, line, box) with box = left, top, width, height."""
    y = MARGIN
    for number, lines in enumerate(regions(text), 1):
        for line in lines:
            length = SIZE * len(line)
            if vertical:
                yield number, line, (WIDTH - y - SIZE, MARGIN, SIZE, length)
            else:
                yield number, line, (MARGIN, y, length, SIZE)
            y += PITCH
        y += GAP - PITCH


def words(line, box, vertical=False):
    """(word, box) of the parts that spaces part; a space is as wide as a character."""
    place = 0
    for word in line.split(" "):
        left, top, width, height = box
        start, length = SIZE * place, SIZE * len(word)
        if vertical:
            yield word, (left, top + start, width, length)
        else:
            yield word, (left + start, top, length, height)
        place += len(word) + 1


def alto(text, version=3, vertical=False, with_boxes=True, hyphenated=()):
    """An ALTO document; ``hyphenated`` are words to part over two lines at their hyphen."""
    namespace = {
        2: "http://www.loc.gov/standards/alto/ns-v2#",
        3: "http://www.loc.gov/standards/alto/ns-v3#",
        4: "http://www.loc.gov/standards/alto/ns-v4#",
    }[version]
    out, last = [], 0
    for region, line, box in boxes(text, vertical):
        if region != last:
            out.append("</TextBlock>" * bool(last) + f'<TextBlock ID="b{region}">')
            last = region
        parts = []
        for word, (x, y, w, h) in words(line, box, vertical):
            place = f' HPOS="{x}" VPOS="{y}" WIDTH="{w}" HEIGHT="{h}"' if with_boxes else ""
            part = ""
            for whole in hyphenated:
                first, second = whole.split("-")
                if word == first:
                    part = f' SUBS_TYPE="HypPart1" SUBS_CONTENT="{first}{second}"'
                elif word == second:
                    part = ' SUBS_TYPE="HypPart2"'
            parts.append(f'<String CONTENT="{escape(word)}"{place}{part}/>')
        out.append(f"<TextLine>{'<SP/>'.join(parts)}</TextLine>")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alto xmlns="{namespace}"><Layout>'
        f'<Page WIDTH="{WIDTH}" HEIGHT="{HEIGHT}"><PrintSpace>{"".join(out)}</TextBlock>'
        "</PrintSpace></Page></Layout></alto>"
    )


def hocr(text, vertical=False, split_words=False):
    """An hOCR page; ``split_words`` gives a word to a character, as recognition does."""
    out, last = [], 0
    for region, line, box in boxes(text, vertical):
        if region != last:
            out.append("</p></div>" * bool(last) + "<div class='ocr_carea'><p class='ocr_par'>")
            last = region
        spans = []
        for word, place in words(line, box, vertical):
            pieces = [(word, place)]
            if split_words:
                x, y, _, _ = place
                pieces = [
                    (
                        c,
                        (x, y + SIZE * n, SIZE, SIZE)
                        if vertical
                        else (x + SIZE * n, y, SIZE, SIZE),
                    )
                    for n, c in enumerate(word)
                ]
            spans += [
                f"<span class='ocrx_word' title='{_title(b)}; x_wconf 90'>{escape(piece)}</span>"
                for piece, b in pieces
            ]
        out.append(f"<span class='ocr_line' title=\"{_title(box)}\">{' '.join(spans)}</span>")
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><meta name='ocr-system' content='t'>"
        f"</head><body><div class='ocr_page' title='bbox 0 0 {WIDTH} {HEIGHT}'>"
        f"{chr(10).join(out)}</p></div></div></body></html>"
    )


def _title(box):
    x, y, w, h = box
    return f"bbox {x} {y} {x + w} {y + h}"


def page_xml(text, vertical=False, shuffled=False):
    """A PAGE document; ``shuffled`` writes the regions backwards, with the order told apart."""
    blocks = {}
    for region, line, (x, y, w, h) in boxes(text, vertical):
        points = f"{x},{y} {x + w},{y} {x + w},{y + h} {x},{y + h}"
        blocks.setdefault(region, []).append(
            f'<TextLine><Coords points="{points}"/><TextEquiv index="1"><Unicode>wrong</Unicode>'
            f'</TextEquiv><TextEquiv index="0"><Unicode>{escape(line)}</Unicode></TextEquiv></TextLine>'
        )
    written = [
        f'<TextRegion id="r{n}"><Coords points="0,0 1,1"/>{"".join(lines)}</TextRegion>'
        for n, lines in blocks.items()
    ]
    order = "".join(f'<RegionRefIndexed index="{n}" regionRef="r{n}"/>' for n in blocks)
    return (
        '<?xml version="1.0"?><PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/'
        f'2019-07-15"><Page imageWidth="{WIDTH}" imageHeight="{HEIGHT}"><ReadingOrder><OrderedGroup>'
        f"{order}</OrderedGroup></ReadingOrder>"
        f"{''.join(reversed(written) if shuffled else written)}</Page></PcGts>"
    )


def founder(title, paragraphs, newspaper="临江日报", content_tag="founder-content", **properties):
    """An article page of Founder's system."""
    comment = "".join(f"<{name}>{value}</{name}>" for name, value in properties.items())
    body = "".join(f"<P>　　{escape(p)}</P>" for p in paragraphs)
    return (
        f"<html><head><meta charset='utf-8'><title>{newspaper}</title><script>var a='<p>x</p>';"
        f"</script></head><body><div>首页</div><!--enpproperty <articleid>7</articleid>"
        f"<title><p>{escape(title)}</p></title>{comment}/enpproperty-->"
        f"<div id='ozoom'><!--enpcontent--><{content_tag}>{body}</{content_tag}>"
        "<!--/enpcontent--></div><div>下一篇</div></body></html>"
    )


def table_page(
    title, paragraphs, kicker="", subtitle="", page="第A02版：民生", newspaper="临江日报"
):
    """An article page of the older systems: nested tables, never closed paragraphs."""
    body = "".join(f"<P>&nbsp;&nbsp;{escape(p)}\n" for p in paragraphs)
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
        f"<title>{newspaper}</title></head><body><table><tr><td><table><tr><td>{page}</td></tr>"
        f"</table><table><tr><td class=font02>{kicker}</td></tr><tr><td class=font01 align=center>"
        f"<strong>{title}</strong></td></tr><tr><td class=font02>{subtitle}</td></tr></table>"
        "<table><tr><td><div id=ozoom><table><tr><td>老街旧影。（王小满 摄）</td></tr></table>"
        f"{body}</div></td></tr></table></td></tr></table></body></html>"
    )


def pdf(pages, mapping=chr, with_text=True):
    """A PDF of pages of lines [(x, y, text)]; ``mapping`` gives what the fonts say a character is."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>"
        % (b" ".join(b"%d 0 R" % (6 + 2 * n) for n in range(len(pages))), len(pages)),
        b"<</Type/Font/Subtype/Type0/BaseFont/T/Encoding/Identity-H/DescendantFonts[4 0 R]%s>>"
        % (b"/ToUnicode 5 0 R" if mapping else b""),
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/T/CIDSystemInfo<</Registry(Adobe)/Ordering"
        b"(Identity)/Supplement 0>>/DW 1000>>",
    ]
    used = sorted({ord(c) for lines in pages for _, _, text in lines for c in text})
    table = "".join(
        f"<{code:04x}> <{mapping(code).encode('utf-16-be').hex()}>\n" for code in used if mapping
    )
    objects.append(_stream(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(used)} beginbfchar\n{table}endbfchar\nendcmap end end".encode()
    ))  # fmt: skip
    for number, lines in enumerate(pages):
        text = "".join(
            f"BT /F 20 Tf 1 0 0 1 {x} {y} Tm <{t.encode('utf-16-be').hex()}> Tj ET\n"
            for x, y, t in lines
        )
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 2000 3000]/Resources<</Font<</F 3 0 R>>>>"
            b"/Contents %d 0 R>>" % (7 + 2 * number)
        )
        objects.append(_stream(text.encode() if with_text else b""))
    return _file(objects)


def pdf_lines(text):
    """The lines of a text as ``pdf`` takes them."""
    return [(x, HEIGHT - y - h, line) for _, line, (x, y, _, h) in boxes(text)]


def _stream(content):
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


def _file(objects):
    out, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, table, len(objects) + 1, len(out))
    )


def mets(newspaper, day, pages):
    """A METS file; ``pages`` maps ALTO files to page numbers."""
    files = "".join(
        f'<file ID="f{n}"><FLocat xlink:href="file://./alto/{name}"/></file>'
        for n, name in enumerate(pages)
    )
    divisions = "".join(
        f'<div TYPE="PAGE" ORDERLABEL="{label}"><fptr FILEID="f{n}"/></div>'
        for n, label in enumerate(pages.values())
    )
    return (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<dmdSec><mods xmlns="http://www.loc.gov/mods/v3"><titleInfo>'
        f"<title>{newspaper}</title></titleInfo><originInfo><dateIssued>{day}</dateIssued>"
        f"</originInfo></mods></dmdSec><fileSec><fileGrp>{files}</fileGrp></fileSec>"
        f'<structMap TYPE="PHYSICAL"><div>{divisions}</div></structMap></mets>'
    )

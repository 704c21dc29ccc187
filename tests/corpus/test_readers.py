"""A gazette in the formats offices keep becomes the same plain text; what cannot be read is refused with the way out."""

import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from pypdf import PdfWriter

from corpus.errors import GazetteError
from corpus.readers import read_text
from corpus.settings import ROOT

FIXTURES = Path(__file__).parent / "fixtures"
GAZETTE = ROOT / "corpus" / "gazettes" / "chaoyang-2021-02.txt"
LIMIT = 16 << 20


@pytest.fixture
def file(tmp_path):
    def write(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def read(path, max_bytes=LIMIT):
    return read_text(path, max_bytes=max_bytes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "A.TXT"])
def test_text_in_each_encoding_offices_use_reads_the_same(file, encoding, name):
    text = GAZETTE.read_text(encoding="utf-8")
    assert read(file(name, text.encode(encoding))).strip() == text.strip()


def test_line_ends_of_other_systems_become_newlines(file):
    assert read(file("a.txt", "第一行，本办法\r\n第二行，本办法\r第三行".encode())) == "第一行，本办法\n第二行，本办法\n第三行\n"


def test_a_word_file_keeps_the_order_of_paragraphs_and_tables_and_writes_a_merged_cell_once(tmp_path):
    document = Document()
    document.add_paragraph("一、补贴标准")
    table = document.add_table(rows=3, cols=3)
    for row, cells in zip(table.rows, [("类别", "金额", "单位"), ("登记", "35元", "公安局"), ("", "5元", "农业局")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_paragraph("二、附则")
    path = tmp_path / "a.docx"
    document.save(str(path))
    lines = [line for line in read(path).splitlines() if line]
    assert lines == ["一、补贴标准", "类别\t金额\t单位", "登记\t35元\t公安局", "\t5元\t农业局", "二、附则"]


def numbered(paragraph, level):
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_numId().val = 900
    properties.get_or_add_ilvl().val = level


def test_numbers_that_word_prints_by_itself_are_written_out(tmp_path):
    document = Document()
    levels = [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3.")]
    inner = "".join(
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for place, (form, text) in enumerate(levels)
    )
    root = document.part.numbering_part.element
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    root.insert(0, parse_xml(f'<w:abstractNum {space} w:abstractNumId="900">{inner}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {space} w:numId="900"><w:abstractNumId w:val="900"/></w:num>'))
    for level, text in [(0, "总体要求"), (0, "主要任务"), (1, "加强领导"), (2, "成立专班"), (2, "定期通报"), (1, "落实经费"), (2, "纳入预算")]:
        numbered(document.add_paragraph(text), level)
    document.add_paragraph("特此通知。")
    path = tmp_path / "a.docx"
    document.save(str(path))
    assert [line for line in read(path).splitlines() if line] == [
        "一、总体要求", "二、主要任务", "（一）加强领导", "1.成立专班", "2.定期通报", "（二）落实经费", "1.纳入预算", "特此通知。",
    ]  # fmt: skip


def test_a_web_page_loses_scripts_and_keeps_tables_and_signs_that_only_look_like_tags(file):
    page = """<html><head><title>x</title><style>p{}</style></head><body><script>alert(1)</script>
    <h1>某县人民政府<br>关于养犬的通告</h1><p>噪声昼间<55分贝，<b>不得</b>超过。&lt;夜间&gt;</p>
    <table><tr><th>类别</th><th>金额</th></tr><tr><td> 登记
    费</td><td>35元</td></tr><tr><td colspan="2">说明</td></tr></table><div>本通告自发布之日起施行。</div></body></html>"""
    lines = [line for line in read(file("a.html", page.encode("gb18030"))).splitlines() if line.strip()]
    assert lines == [
        "某县人民政府", "关于养犬的通告", "噪声昼间<55分贝，不得超过。<夜间>", "类别\t金额", "登记 费\t35元", "说明\t", "本通告自发布之日起施行。",
    ]  # fmt: skip


def test_a_pdf_with_a_text_layer_gives_whole_paragraphs_in_proper_characters():
    text = read(FIXTURES / "county-gazette.pdf")
    assert "青政发〔2023〕12号" in text and "第二条 每户限养一只犬，免疫费用为每只犬35元。" in text
    assert "认真组织实施。县公安局要会同农业农村、城市管理、卫生健康、市场监督管理等部门建立联合工作机制" in text
    assert not any("\u2e80" <= sign <= "\u2fdf" for sign in text), "radicals stand where characters should"


def blank_pdf(path):
    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(width=595, height=842)
    writer.write(path)


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (8 << 20))


def test_a_scanned_pdf_is_told_apart(tmp_path):
    path = tmp_path / "scan.pdf"
    blank_pdf(path)
    with pytest.raises(GazetteError, match=r"scan\.pdf: the PDF has no text layer .*OCR"):
        read(path)


def test_an_archive_that_unfolds_beyond_the_limit_is_not_unfolded(tmp_path):
    path = tmp_path / "bomb.docx"
    bomb(path)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(GazetteError, match=r"bomb\.docx: too large .* GAZETTE_MAX_FILE_MB"):
        read(path, max_bytes=1 << 20)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.txt", b"", "empty file"),
        ("a.txt", b" \n\n ", "no Chinese text"),
        ("a.txt", bytes(range(256)) * 40, "another encoding|neither UTF-8"),
        ("a.txt", GAZETTE.read_text(encoding="utf-8").encode("big5", "ignore"), "no Chinese text|neither UTF-8|another encoding"),
        ("a.txt", GAZETTE.read_text(encoding="utf-8").encode().decode("gb18030", "replace").encode(), "no Chinese text|another encoding"),
        ("a.txt", GAZETTE.read_text(encoding="utf-8").encode("gb18030").decode("latin-1").encode(), "no Chinese text|another encoding"),
        ("a.txt", b"PK\x03\x04rest", "zip archive"),
        ("a.md", b"%PDF-1.7", "a PDF"),
        ("a.docx", b"no zip at all", r"not a \.docx"),
        ("a.pdf", b"%PDF-1.7 broken", "cannot be read|no text layer"),
        ("a.doc", b"\xd0\xcf\x11\xe0", r"unknown kind of file '\.doc'"),
        ("a", "本办法".encode(), "unknown kind of file ''"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_that_names_the_file(file, name, data, why):
    path = file(name, data)
    with pytest.raises(GazetteError, match=why) as caught:
        read(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_too_large(tmp_path, file):
    with pytest.raises(GazetteError, match="check the name"):
        read(tmp_path / "none.txt")
    with pytest.raises(GazetteError, match="too large"):
        read(file("a.txt", "本办法".encode() * 1000), max_bytes=1000)

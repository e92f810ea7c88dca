/* The frame of an HTML report. */
#include "base/clock.h"
#include "study/page.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:80rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}"
    "p,li{max-width:46rem}"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,23rem),1fr));gap:1.5rem}"
    "figure{margin:0}figcaption{font-size:.85rem;color:#555}"
    "svg{width:100%;height:auto;display:block}"
    "svg text{font:13px system-ui,sans-serif;fill:currentColor}svg .title{font-weight:600;font-size:14px}"
    "svg .grid{stroke:currentColor;opacity:.15}"
    "svg.key{width:28px;height:12px;display:inline-block;vertical-align:middle;margin-right:.4rem}"
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;margin:.5rem 0;max-width:none}"
    ".wide{overflow-x:auto}"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid #ccc;text-align:right;white-space:nowrap;vertical-align:top}"
    "th:first-child,td:first-child,.text td{text-align:left}small{color:#666;display:block}"
    "td.best{font-weight:700}td.best small,td i{font-weight:400;font-style:normal}td i{color:#666}"
    "tr>th:first-child{font-weight:600}tr:hover{background:#8881}.options .first>*{border-top:2px solid #bbb}"
    ".options td:nth-child(2){text-align:left}.options td,.options th{border-bottom:1px solid #eee;padding:.15rem .6rem}"
    ".verdict{font-size:1.15rem;line-height:1.45;border-left:.3rem solid #0072b2;padding:.2rem 0 .2rem .9rem;margin:1rem 0}"
    ".warning{border-left:.3rem solid #d55e00;padding:.1rem 0 .1rem .9rem}.origin{color:#555;margin:.2rem 0}"
    "footer{margin-top:2.5rem;border-top:1px solid #ccc;font-size:.85rem;color:#555}pre{white-space:pre-wrap;overflow-wrap:anywhere}"
    "code{font-size:.85rem;white-space:normal}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181a}figcaption,small,.origin,footer,td i{color:#aaa}"
    "th,td,footer{border-color:#444}.options td,.options th{border-color:#333}.options .first>*{border-top-color:#666}}";

void page_begin(base_writer *w, const char *title)
{
    base_writer_format(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                           "<link rel=\"icon\" href=\"data:,\">\n<title>");
    svg_escape(w, title);
    base_writer_format(w, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
    svg_escape(w, title);
    base_writer_format(w, "</h1>\n");
}

void page_end(base_writer *w, const char *command)
{
    char day[32];
    base_writer_format(w, "<footer><p>Made by tamis %s on %s", tamis_version(), base_today(day, sizeof day));
    if (command) {
        base_writer_format(w, " with</p>\n<pre>");
        svg_escape(w, command);
        base_writer_format(w, "</pre></footer>\n</body>\n</html>\n");
    } else {
        base_writer_format(w, ".</p></footer>\n</body>\n</html>\n");
    }
}

void page_figure(base_writer *w, const svg_chart *chart, const char *caption)
{
    base_writer_format(w, "<figure>\n");
    svg_write(w, chart);
    base_writer_format(w, "<figcaption>");
    svg_escape(w, caption);
    base_writer_format(w, "</figcaption>\n</figure>\n");
}

void page_legend(base_writer *w, const char *const *name, size_t count)
{
    base_writer_format(w, "<ul class=\"legend\">\n");
    for (size_t k = 0; k < count; k++) {
        base_writer_format(w, "<li>");
        svg_key(w, k);
        svg_escape(w, name[k]);
        base_writer_format(w, "</li>\n");
    }
    base_writer_format(w, "</ul>\n");
}

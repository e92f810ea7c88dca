/* Files that people have instead of a text log: a row each, tried in order. Numbers of the formats' own documents. */
#include <stdint.h>
#include <string.h>

#include "base/base.h"
#include "base/foreign.h"
#include "base/json_line.h"
#include "base/locale.h"


enum { LOOKED_THROUGH = 1 << 16 };

typedef struct foreign_format {
    const char *name;
    size_t at; /* where the magic bytes stand; TEXT: after blanks, see text_begins() */
    const char *magic;
    size_t length;
    const char *inside; /* bytes that the file's beginning must hold as well; NULL: none */
    const char *remedy;
} foreign_format;

#define TEXT SIZE_MAX
#define MAGIC(bytes) bytes, sizeof(bytes) - 1
#define UNPACK(command) "unpack it first, as in: " command " FILE | tamis ... -"
#define PANDAS(reader) \
    "make CSV of it, as in: python3 -c \"import pandas; pandas." reader "('FILE').to_csv('log.csv', index=False)\""
#define UTF_8(encoding) "convert it to UTF-8, as in: iconv -f " encoding " -t UTF-8 FILE | tamis ... -"
#define SPREADSHEET "save it as CSV in UTF-8 in the program that made it"
#define TAKE_OUT "take the log out of it, as in: tar -xOf FILE LOG | tamis ... -"
#define FROM_R(table) "write it as CSV in R, as in: write.csv(" table ", 'log.csv', row.names=FALSE)"
#define FROM_JSON(rows) "make CSV of it, as in: jq -r '" rows " | @csv' FILE | tamis ... -"
#define NO_LOG "expected the log itself; get the file anew"

static const foreign_format formats[] = {
    {"a tamis model", 0, MAGIC("\x89TAMIS"), NULL, "expected a log of interactions"},
    /* a zip file holds the names of its members as they are */
    {"a spreadsheet (.xlsx)", 0, MAGIC("PK\3\4"), "xl/w", SPREADSHEET},
    {"a spreadsheet (.ods)", 0, MAGIC("PK\3\4"), "opendocument.spreadsheet", SPREADSHEET},
    {"an office document", 0, MAGIC("PK\3\4"), "[Content_Types].xml", SPREADSHEET},
    {"a sparse matrix of SciPy (.npz)", 0, MAGIC("PK\3\4"), "indptr.npy",
     "make a MatrixMarket file of it, as in: python3 -c \"import scipy.io, scipy.sparse; scipy.io.mmwrite('log.mtx', "
     "scipy.sparse.load_npz('FILE'))\""},
    {"a NumPy archive (.npz)", 0, MAGIC("PK\3\4"), ".npy",
     "write its pairs of user and item as CSV, as in: python3 -c \"import numpy; f = numpy.load('FILE'); "
     "numpy.savetxt('log.csv', numpy.c_[f['USER'], f['ITEM']], '%s', ',')\""},
    {"a zip archive", 0, MAGIC("PK\3\4"), NULL, UNPACK("unzip -p")},
    {"a spreadsheet (.xls)", 0, MAGIC("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), NULL, SPREADSHEET},
    {"a NumPy array (.npy)", 0, MAGIC("\x93NUMPY"), NULL,
     "make CSV of it, as in: python3 -c \"import numpy; numpy.savetxt('log.csv', numpy.load('FILE'), '%s', ',')\""},
    {"a Parquet file", 0, MAGIC("PAR1"), "\x15", PANDAS("read_parquet")},
    {"a Feather (Arrow) file", 0, MAGIC("ARROW1\0\0"), NULL, PANDAS("read_feather")},
    {"a Feather (Arrow) file", 0, MAGIC("FEA1\0\0"), NULL, PANDAS("read_feather")},
    {"an ORC file", 0, MAGIC("ORC"), "\x08", PANDAS("read_orc")},
    {"an HDF5 file", 0, MAGIC("\x89HDF\r\n\x1A\n"), NULL, PANDAS("read_hdf")},
    {"an Avro file", 0, MAGIC("Obj\1"), NULL, "make CSV of it with the tools of Avro"},
    {"a pickled Python object", 0, MAGIC("\x80\2"), NULL, PANDAS("read_pickle")},
    {"a pickled Python object", 0, MAGIC("\x80\3"), NULL, PANDAS("read_pickle")},
    {"a pickled Python object", 0, MAGIC("\x80\4"), NULL, PANDAS("read_pickle")},
    {"a pickled Python object", 0, MAGIC("\x80\5"), NULL, PANDAS("read_pickle")},
    {"an R data file", 0, MAGIC("RDX2\n"), NULL, FROM_R("TABLE")},
    {"an R data file", 0, MAGIC("RDX3\n"), NULL, FROM_R("TABLE")},
    {"an R data file", 0, MAGIC("X\n\0\0\0"), NULL, FROM_R("readRDS('FILE')")},
    {"a MATLAB file", 0, MAGIC("MATLAB 5.0 MAT-file"), NULL,
     "make a MatrixMarket file of its matrix, as in: python3 -c \"import scipy.io; scipy.io.mmwrite('log.mtx', "
     "scipy.io.loadmat('FILE')['MATRIX'])\""},
    {"an SQLite database", 0, MAGIC("SQLite format 3\0"), NULL,
     "select the columns, as in: sqlite3 -csv -header FILE 'select USER, ITEM from TABLE' | tamis ... -"},
    {"packed by zstd", 0, MAGIC("\x28\xB5\x2F\xFD"), NULL, UNPACK("zstd -dc")},
    {"packed by bzip2", 0, MAGIC("BZh"), "1AY&SY", UNPACK("bzip2 -dc")},
    {"packed by xz", 0, MAGIC("\xFD" "7zXZ\0"), NULL, UNPACK("xz -dc")},
    {"packed by lz4", 0, MAGIC("\x04\x22\x4D\x18"), NULL, UNPACK("lz4 -dc")},
    {"packed by lzop", 0, MAGIC("\x89LZO\0\r\n\x1A\n"), NULL, UNPACK("lzop -dc")},
    {"packed by lzip", 0, MAGIC("LZIP\1"), NULL, UNPACK("lzip -dc")},
    {"packed by compress", 0, MAGIC("\x1F\x9D"), NULL, UNPACK("gzip -dc")},
    {"packed by gzip twice", 0, MAGIC("\x1F\x8B"), NULL, UNPACK("gzip -dc")}, /* the outer one is undone already */
    {"a 7z archive", 0, MAGIC("7z\xBC\xAF\x27\x1C"), NULL, UNPACK("7z x -so")},
    {"a RAR archive", 0, MAGIC("Rar!\x1A\7"), NULL, UNPACK("unrar p -inul")},
    {"a tar archive", 257, MAGIC("ustar\0"), NULL, TAKE_OUT},
    {"a tar archive", 257, MAGIC("ustar  \0"), NULL, TAKE_OUT},
    {"a PDF document", 0, MAGIC("%PDF-"), NULL, NO_LOG},
    {"a pointer of Git LFS and not the file itself", 0, MAGIC("version https://git-lfs"), NULL,
     "fetch the file in its repository with: git lfs pull"},
    {"UTF-32 text", 0, MAGIC("\xFF\xFE\0\0"), NULL, UTF_8("UTF-32")},
    {"UTF-32 text", 0, MAGIC("\0\0\xFE\xFF"), NULL, UTF_8("UTF-32")},
    {"UTF-16 text", 0, MAGIC("\xFF\xFE"), NULL, UTF_8("UTF-16")},
    {"UTF-16 text", 0, MAGIC("\xFE\xFF"), NULL, UTF_8("UTF-16")},
    {"an HTML page", TEXT, MAGIC("<!doctype html"), NULL, NO_LOG},
    {"an HTML page", TEXT, MAGIC("<html"), NULL, NO_LOG},
    {"an XML document", TEXT, MAGIC("<?xml"), NULL, "make CSV of it"},
    {"JSON, an object a line", TEXT, MAGIC("{ \""), "\n{",
     "this program was built without jansson, which reads it; " FROM_JSON("[.USER, .ITEM]")},
    {"JSON", TEXT, MAGIC("{ \""), NULL, FROM_JSON("[.USER, .ITEM]")},
    {"a JSON array", TEXT, MAGIC("[ {"), NULL, FROM_JSON(".[] | [.USER, .ITEM]")},
    {"a JSON array", TEXT, MAGIC("[ ["), NULL, FROM_JSON(".[]")},
    {"CSV under a line for spreadsheets (sep=)", TEXT, MAGIC("sep="), NULL,
     "leave that line out, as in: tail -n +2 FILE | tamis ... -"},
    {"CSV under a line for spreadsheets (sep=)", TEXT, MAGIC("\"sep="), NULL,
     "leave that line out, as in: tail -n +2 FILE | tamis ... -"},
};

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether text begins with a pattern: upper and lower case are alike; a blank there stands for any blanks or none. */
static bool text_begins(const char *bytes, size_t count, const char *pattern, size_t length)
{
    size_t at = 0;
    while (at < count && is_blank(bytes[at])) at++;
    for (size_t k = 0; k < length; k++) {
        if (pattern[k] == ' ')
            while (at < count && is_blank(bytes[at])) at++;
        else if (at == count || base_lower(bytes[at++]) != pattern[k])
            return false;
    }
    return true;
}

static bool matches(const foreign_format *format, const char *bytes, size_t count)
{
    const size_t looked = count < LOOKED_THROUGH ? count : LOOKED_THROUGH;
    const bool begins = format->at == TEXT
                            ? text_begins(bytes, count, format->magic, format->length)
                            : count >= format->at + format->length &&
                                  memcmp(bytes + format->at, format->magic, format->length) == 0;
    return begins && (!format->inside || memmem(bytes, looked, format->inside, strlen(format->inside)));
}

bool foreign_find(const char *bytes, size_t count, const char **name, const char **remedy)
{
    if (json_line_begins(bytes, count)) return false;
    for (size_t k = 0; k < BASE_COUNT(formats); k++) {
        if (!matches(&formats[k], bytes, count)) continue;
        *name = formats[k].name;
        *remedy = formats[k].remedy;
        return true;
    }
    return false;
}

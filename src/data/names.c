/* The names of a CSV file's columns. */
#include <string.h>

#include "base/locale.h"
#include "base/text.h"
#include "data/names.h"

/* In order of preference, where several columns match: beside "movie_id", a column "movie" holds titles or the like. */
static const char *const known[] = {
    "userid uid user u users customerid customer visitorid visitor sessionid session reviewerid reviewer accountid "
    "account memberid member clientid client personid person authorid author",
    "itemid iid item i items movieid movie productid product asin parentasin sku songid song trackid track artistid "
    "artist bookid book isbn businessid business locationid location poiid poi venueid venue articleid article videoid "
    "video newsid news appid app gameid game recipeid recipe",
    "rating ratings score stars star overall vote value weight count playcount plays preference strength "
    "label target y relevance relevant isrelevant positive ispositive click clicks clicked isclick isclicked like likes liked islike "
    "isliked purchase purchased ispurchase ispurchased bought conversion converted isconversion interaction interactions feedback "
    "implicit watchratio playtime watchtime dwelltime quantity qty frequency",
    "timestamp time ts date datetime unixtime unixreviewtime eventtime reviewtime",
    "event eventtype eventname action actiontype behavior behaviour behaviortype behaviourtype interactiontype feedbacktype activitytype",
    "weight weights count counts playcount plays quantity qty frequency freq nplays listencount listens visits views",
};

const char *log_row_field(const log_row *row, size_t index, size_t *length)
{
    size_t from = index ? row->end[index - 1] + 1 : 0;
    *length = row->end[index] - from;
    return row->text + from;
}

/* Lower case, without spaces, _ and -, up to a colon: userId, user_id, "User ID" and user_id:token are all userid.
 * Too long a name becomes "". */
static const char *normal(const char *text, size_t length, char buffer[64])
{
    size_t used = 0;
    for (size_t k = 0; k < length && text[k] != ':'; k++) {
        if (text[k] == ' ' || text[k] == '_' || text[k] == '-') continue;
        if (used == 63) return "";
        buffer[used++] = base_lower(text[k]);
    }
    buffer[used] = '\0';
    return buffer;
}

int64_t log_recognise(const log_row *row, int role)
{
    char name[64];
    for (const char *word = known[role]; *word;) {
        size_t length = strcspn(word, " "), field;
        for (size_t k = 0; k < row->count; k++) {
            const char *text = log_row_field(row, k, &field);
            const char *plain = normal(text, field, name);
            if (strlen(plain) == length && memcmp(plain, word, length) == 0) return (int64_t)k;
        }
        word += length + (word[length] == ' ');
    }
    return -1;
}

int64_t log_find_name(const log_row *row, const char *wanted)
{
    char one[64], two[64];
    size_t length;
    for (size_t k = 0; k < row->count; k++)
        if (strcmp(log_row_field(row, k, &length), wanted) == 0) return (int64_t)k;
    const char *plain = normal(wanted, strlen(wanted), one);
    for (size_t k = 0; *plain && k < row->count; k++) {
        const char *text = log_row_field(row, k, &length);
        if (strcmp(normal(text, length, two), plain) == 0) return (int64_t)k;
    }
    return -1;
}

int64_t log_position(const char *given)
{
    int64_t value = 0;
    if (!given || !*given || strspn(given, "0123456789") != strlen(given)) return 0;
    return base_parse_integer(given, &value) && value > 0 ? value : INT64_MAX;
}

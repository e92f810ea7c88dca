/* What a column of a file can hold, by its name. */
#include <string.h>

#include "base/column.h"
#include "base/locale.h"

/* By role, in order of preference, where several columns match: beside "movie_id", a column "movie" holds titles or the like. */
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

int64_t base_column_place(int role, const char *text, size_t count)
{
    char buffer[64];
    const char *name = normal(text, count, buffer);
    int64_t place = 0;
    for (const char *word = known[role]; *word; place++) {
        const size_t length = strcspn(word, " ");
        if (strlen(name) == length && memcmp(name, word, length) == 0) return place;
        word += length + (word[length] == ' ');
    }
    return -1;
}

bool base_column_same(const char *a, size_t a_length, const char *b, size_t b_length)
{
    char one[64], two[64];
    return *normal(a, a_length, one) && strcmp(one, normal(b, b_length, two)) == 0;
}

#include "suites.h"
Suite *model_suite(void){return suite_create("model");}

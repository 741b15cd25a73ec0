/* Declared parameters: what a plugin may declare, and what configuration may say. */
#include "host/params.h"
#include "t.h"

struct fields {
	double share_ratio;
	int64_t count;
	const char *word;
};

static const tt_param sound[] = {
	TT_PARAM_F64(struct fields, share_ratio, "ratio", 0.05, 0, 1, "A share."),
	TT_PARAM_I64(struct fields, count, "", 3, 1, 10, "A whole number."),
	TT_PARAM_STR(struct fields, word, "abc", "A text."),
};

static tt_plugin_info info_of(const tt_param *params, uint32_t n)
{
	return (tt_plugin_info){ .id = "some", .version = "1.0.0", .summary = "s",
		                 .params = params, .n_params = n,
		                 .params_size = sizeof(struct fields) };
}

static void refused(tt_param p, const char *why)
{
	tt_plugin_info info = info_of(&p, 1);
	tt_err err = { 0 };

	T_INT(TT_EABI, tt_params_check(&info, &err));
	T_HAS(why, err.text);
}

static void test_check(void)
{
	tt_plugin_info info = info_of(sound, 3);
	tt_param p = sound[0], two[2] = { sound[0], sound[1] };
	tt_err err = { 0 };

	T_INT(TT_OK, tt_params_check(&info, &err));
	p.min = 2, refused(p, "its bounds are 2 and 1, expected the lower one first");
	p = sound[0];
	p.key = "Upper", refused(p, "its key is not");
	p.key = NULL, refused(p, "its key is not");
	p = sound[0], p.help = "", refused(p, "unit or help is missing");
	p = sound[0], p.unit = NULL, refused(p, "unit or help is missing");
	p = sound[0], p.type = 9, refused(p, "type 9 is not known");
	p = sound[0], p.def = 1.5, refused(p, "its default 1.5 is not from 0 to 1");
	p = sound[0], p.def = (double)NAN, refused(p, "must be finite");
	p = sound[0], p.max = (double)INFINITY, refused(p, "must be finite");
	p = sound[0], p.offset = sizeof(struct fields), refused(p, "is not a field");
	p = sound[0], p.offset = UINT32_MAX - 7, refused(p, "is not a field");
	p = sound[0], p.offset = 4, refused(p, "is not a field");
	p = sound[1], p.def = 2.5, refused(p, "whole numbers");
	p = sound[2], p.def_str = NULL, refused(p, "its default is not a text");

	info = info_of(two, 2);
	two[1].key = "share_ratio";
	T_INT(TT_EABI, tt_params_check(&info, &err));
	T_HAS("declared twice", err.text);
	two[1] = sound[1];
	two[1].offset = 0;
	err = (tt_err){ 0 };
	T_INT(TT_EABI, tt_params_check(&info, &err));
	T_HAS("share a field", err.text);
	info = info_of(NULL, 2);
	err = (tt_err){ 0 };
	T_INT(TT_EABI, tt_params_check(&info, &err));
	info = info_of(sound, 100000);
	err = (tt_err){ 0 };
	T_INT(TT_EABI, tt_params_check(&info, &err));
}

static int bind(const char *yaml, tt_arena *arena, const struct fields **ret, tt_err *err)
{
	tt_plugin_info info = info_of(sound, 3);
	tt_yaml *map = NULL;
	void *fields = NULL;
	int rc = TT_OK;

	*err = (tt_err){ 0 };
	if (yaml)
		rc = tt_yaml_parse("conf.yaml", yaml, strlen(yaml), arena, &map, err);
	if (rc == TT_OK)
		rc = tt_params_bind(&info, "conf.yaml", map, arena, &fields, err);
	*ret = fields;
	return rc;
}

static void test_bind(void)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	const struct fields *f;
	tt_err err;

	T_INT(TT_OK, bind(NULL, arena, &f, &err));
	T_F64(0.05, f->share_ratio, 0);
	T_INT(3, f->count);
	T_STR("abc", f->word);

	T_INT(TT_OK, bind("share_ratio: 0.5\ncount: 10\nword: \"a b\"\n", arena, &f, &err));
	T_F64(0.5, f->share_ratio, 0);
	T_INT(10, f->count);
	T_STR("a b", f->word);

	T_INT(TT_OK, bind("share_ratio: 1\n", arena, &f, &err)); /* bounds are inclusive */
	T_F64(1, f->share_ratio, 0);
	T_INT(3, f->count);
}

static void wrong(const char *yaml, const char *want)
{
	TT_CLEANUP(tt_arena_freep) tt_arena *arena = tt_arena_new();
	const struct fields *f;
	tt_err err;

	T_INT(TT_EDATA, bind(yaml, arena, &f, &err));
	T_STR(want, err.text);
}

int main(void)
{
	test_check();
	test_bind();
	wrong("share_ratio: 200\n",
	      "conf.yaml:1:14: some.share_ratio is 200, expected a number from 0 to 1");
	wrong("share_ratio: nan\n",
	      "conf.yaml:1:14: some.share_ratio is nan, expected a number from 0 to 1");
	wrong("share_ratio: 0,5\n",
	      "conf.yaml:1:14: some.share_ratio is 0,5, expected a number from 0 to 1");
	wrong("word: x\ncount: 2.5\n",
	      "conf.yaml:2:8: some.count is 2.5, expected a whole number from 1 to 10");
	wrong("count: [1]\n",
	      "conf.yaml:1:8: some.count is a list, expected a whole number from 1 to 10");
	wrong("count:\n",
	      "conf.yaml:1:7: some.count is empty, expected a whole number from 1 to 10");
	wrong("word: {a: b}\n",
	      "conf.yaml:1:7: some.word is a map, expected a text of at most 1024 bytes");
	wrong("share: 1\n", "conf.yaml:1:1: some has no parameter \"share\"; it has share_ratio, "
	                    "count, word");
	wrong("- 1\n", "conf.yaml:1:1: some is not a map of its parameters");
	return T_END();
}

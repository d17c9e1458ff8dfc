// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_corpus_test.c - every input that fuzzing of the rings has kept (tests/fuzz), once more,
 * under the sanitizers and without a fuzzer: what was reached once must stay right.
 */
#include "../fuzz/vring_fuzz.c"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define INPUT_MAX	65536

/* The first byte of an input says which kind of ring it starts with. */
static unsigned int run_inputs(bool packed)
{
	static uint8_t data[INPUT_MAX];
	struct dirent *entry;
	unsigned int n = 0;
	char path[4096];
	size_t size;
	FILE *file;
	DIR *dir;

	dir = opendir(CORPUS);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", CORPUS, entry->d_name);
		file = fopen(path, "rb");
		assert_non_null(file);
		size = fread(data, 1, sizeof(data), file);
		assert_true(size < sizeof(data));
		fclose(file);
		if (!size || (data[0] & 1) != packed)
			continue;
		LLVMFuzzerTestOneInput(data, size);
		n++;
	}
	closedir(dir);
	return n;
}

static void split(void **state)
{
	assert_true(run_inputs(false) > 100);
}

static void packed(void **state)
{
	assert_true(run_inputs(true) > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split),
		cmocka_unit_test(packed),
	};

	return cmocka_run_group_tests_name("vring_corpus", tests, NULL, NULL);
}

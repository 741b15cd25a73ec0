/* replay.c - a main() for a fuzz target: gives it every file of a folder, in
 * name order, and no input at all first. So the corpus is a test with any
 * compiler; only the search for new inputs needs libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *folder, const char *name)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return -1;
	if (stat(path, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode))
		return 0;
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size ? size : 1); /* exact, so ASan sees one byte too far */
	FILE *file = fopen(path, "rb");
	int rc = -1;
	if (data && file && fread(data, 1, size, file) == size) {
		fprintf(stderr, "%s\n", name);
		LLVMFuzzerTestOneInput(data, size);
		rc = 1;
	}
	if (file)
		fclose(file);
	free(data);
	return rc;
}

int main(int argc, char **argv)
{
	struct dirent **entries = NULL;
	int passed = 0, failed = 0;

	if (argc != 2)
		return 2;
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	int n = scandir(argv[1], &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		int rc = replay(argv[1], entries[i]->d_name);
		passed += rc > 0;
		failed += rc < 0;
		free(entries[i]);
	}
	free(entries);
	printf("%d replayed, %d not readable\n", passed, failed);
	return failed != 0;
}

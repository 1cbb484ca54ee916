// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * main() for programs with a wmain(), alone in a static library: the linker uses it if the program
 * has no main(). In C++ the header declares wmain() as extern "C".
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

int wmain(int argc, wchar_t **argv, wchar_t **environment);

/* Decodes a text by the locale. An invalid byte becomes U+FFFD. */
static wchar_t *widen(const char *text)
{
	size_t length = strlen(text);
	wchar_t *wide = calloc(length + 1, sizeof(*wide));
	mbstate_t state = { 0 };
	wchar_t *to = wide;

	while (wide && length) {
		size_t size = mbrtowc(to++, text, length, &state);

		if (size > length) {
			to[-1] = 0xfffd;
			state = (mbstate_t){ 0 };
			size = 1;
		}
		text += size;
		length -= size;
	}
	return wide;
}

/* The result is never freed. */
static wchar_t **widen_all(char **texts)
{
	size_t count = 0;
	wchar_t **wide;
	size_t i;

	while (texts[count])
		count++;
	wide = calloc(count + 1, sizeof(*wide));
	if (!wide)
		return NULL;
	for (i = 0; i < count; i++) {
		wide[i] = widen(texts[i]);
		if (!wide[i]) {
			while (i)
				free(wide[--i]);
			free(wide);
			return NULL;
		}
	}
	return wide;
}

int main(int argc, char **argv)
{
	wchar_t **arguments;
	wchar_t **environment = NULL;

	setlocale(LC_CTYPE, "");
	arguments = widen_all(argv);
	if (arguments)
		environment = widen_all(environ);
	if (!environment) {
		free(arguments);
		fputs("no memory for the arguments\n", stderr);
		return EXIT_FAILURE;
	}
	return wmain(argc, arguments, environment);
}

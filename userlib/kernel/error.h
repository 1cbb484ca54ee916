/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Error messages. */
#ifndef PORTRES_ERROR_H
#define PORTRES_ERROR_H

/* Room for the name of a file and a reason. */
#define PORTRES_TEXT_MAX 1024

/* Writes an error message to text; format NULL: the default for the error. Returns error. */
int portres_set_error(char text[PORTRES_TEXT_MAX], int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The positive errno, for either sign. */
int portres_errno_of(int error);

/* The C library's description of an errno, as for errors of the disk. */
const char *portres_errno_text(int error);

#endif /* PORTRES_ERROR_H */

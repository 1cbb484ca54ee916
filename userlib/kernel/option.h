/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors of the socket options. */
#ifndef PORTRES_OPTION_H
#define PORTRES_OPTION_H

/* Returns the negative errno for a socket option of the module that has just failed. */
int portres_option_error(int fd);

#endif /* PORTRES_OPTION_H */

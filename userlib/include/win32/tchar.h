/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text that is wide if _UNICODE is defined, else narrow. */
#ifndef PORTRES_WIN32_TCHAR_H
#define PORTRES_WIN32_TCHAR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "portres_types.h"
#include "portres_printf.h"
#include "portres_wide.h"

#ifdef _UNICODE
typedef wchar_t _TCHAR;
#define PORTRES_TCHAR_TEXT(text)	L##text
#define _tcslen		wcslen
#define _tcscmp		wcscmp
#define _tcsncmp	wcsncmp
#define _tcsicmp	wcscasecmp
#define _tcscpy		wcscpy
#define _tcsncpy	wcsncpy
#define _tcscat		wcscat
#define _tcsncat	wcsncat
#define _tcschr		wcschr
#define _tcsrchr	wcsrchr
#define _tcsstr		wcsstr
#define _tcstol		wcstol
#define _tcstoul	wcstoul
#define _tstoi		_wtoi
#define _ttoi		_wtoi
#define _tprintf	wprintf
#define _ftprintf	fwprintf
#define _sntprintf	swprintf
#define _vtprintf	vwprintf
#define _vftprintf	vfwprintf
#define _fputts		fputws
#define _fgetts		fgetws
#define _tmain		wmain
#else
typedef char _TCHAR;
#define PORTRES_TCHAR_TEXT(text)	text
#define _tcslen		strlen
#define _tcscmp		strcmp
#define _tcsncmp	strncmp
#define _tcsicmp	strcasecmp
#define _tcscpy		strcpy
#define _tcsncpy	strncpy
#define _tcscat		strcat
#define _tcsncat	strncat
#define _tcschr		strchr
#define _tcsrchr	strrchr
#define _tcsstr		strstr
#define _tcstol		strtol
#define _tcstoul	strtoul
#define _tstoi		atoi
#define _ttoi		atoi
#define _tprintf	printf
#define _ftprintf	fprintf
#define _sntprintf	_snprintf
#define _vtprintf	vprintf
#define _vftprintf	vfprintf
#define _fputts		fputs
#define _fgetts		fgets
#define _tmain		main
#endif

#define _T(text)	PORTRES_TCHAR_TEXT(text)
#define _TEXT(text)	PORTRES_TCHAR_TEXT(text)

#endif /* PORTRES_WIN32_TCHAR_H */

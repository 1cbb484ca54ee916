# SPDX-License-Identifier: GPL-2.0-only
# bash completion for portres(8): the program says what may come next.
_portres()
{
	local IFS=$'\n'

	mapfile -t COMPREPLY < <(compgen -W "$("$1" --complete \
		"${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$2")
}
complete -F _portres portres

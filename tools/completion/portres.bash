# SPDX-License-Identifier: GPL-2.0-only
# bash completion for portres(8): the program says what may come next, one word a line. A word
# may have any bytes, as names of users do: nothing of it is expanded, here or when it is run.
_portres()
{
	local word

	COMPREPLY=()
	while IFS= read -r word; do
		case $word in
		:files | :directories | :commands)
			case $word in
			:files) word=file ;;
			:directories) word=directory ;;
			*) word=command ;;
			esac
			mapfile -t COMPREPLY < <(compgen -A "$word" -- "$2")
			compopt -o filenames 2>/dev/null
			;;
		"$2"*)
			printf -v word %q "$word"
			COMPREPLY+=("$word")
			;;
		esac
	done < <("$1" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _portres portres

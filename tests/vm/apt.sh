# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Packages of other Debian releases, for the scripts that fetch kernels and programs: nothing is
# installed. The mirror and its key are those of this machine's own apt configuration, only the
# suites are others. Every set of suites has package lists of its own, so that one which has expired
# or moved harms no other. Sourced after lib.sh.

# apt_open SUITES: use these (comma separated) from now on.
apt_open()
{
	need apt-get apt
	suites=$1
	apt=$CACHE/apt/$(printf '%s' "$suites" | tr ',' '+')${apt_arch:+-$apt_arch}
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
}

# outdated CONDITION...: shall the network be asked, because the condition does not hold? Then nobody
# else does until this process ends: lists and what is unpacked are shared by all who use this cache.
# What is complete there can be used without waiting.
outdated()
{
	[ "${REFRESH:-}" != never ] || return 1
	! "$@" || return 1
	exec 9>"$CACHE/lock"
	flock 9
	# Somebody may just have done it.
	! "$@"
}

# archive KIND: URI of the configured archive that serves this release itself
# ('main') or its security updates ('security')
archive()
{
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
		'Created-By: Packages' | awk -v kind="$1" -v codename="$codename" '
		BEGIN { want = "^(" codename "|stable|oldstable)" }
		$3 != "main" || $2 !~ want { next }
		(kind == "security") == ($2 ~ /(-security|\/updates)$/) {
			sub(/\/$/, "", $1); print $1; exit
		}'
}

# keyring URI: the Signed-By that the configuration gives for that archive, if
# it is a file; otherwise apt's trusted keys apply, as they do on this machine
keyring()
{
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v uri="$1" '
		function flush()
		{
			if (mine && key != "" && !done) { print key; done = 1 }
			mine = 0; key = ""
		}
		function same(u) { sub(/\/$/, "", u); return u == uri }
		/^[ \t]*#/ { next }
		/^[ \t]*$/ { flush(); next }
		/^deb/ {
			flush()
			for (i = 1; i <= NF; i++)
				if (same($i))
					mine = 1
			if (match($0, /signed-by=[^] \t]*/))
				key = substr($0, RSTART + 10, RLENGTH - 10)
			flush(); next
		}
		tolower($1) == "uris:" { for (i = 2; i <= NF; i++) if (same($i)) mine = 1 }
		tolower($1) == "signed-by:" && $2 ~ /^\// { key = $2 }
		END { flush() }'
}

write_sources()
{
	for suite in $(printf '%s' "$suites" | tr ',' ' '); do
		case $suite in
		*-security) uri=$(archive security) ;;
		*) uri=$(archive main) ;;
		esac
		if [ -z "$uri" ]; then
			say "apt on this machine knows no archive that could carry '$suite'"
			continue
		fi
		key=$(keyring "$uri")
		# An archive that is kept after its end of life is still signed.
		printf 'deb [check-valid-until=no%s] %s %s main\n' \
			"${key:+ signed-by=$key}" "$uri" "$suite"
	done
}

apt_private()
{
	tool=$1
	shift
	"$tool" -qq -o Dir::Etc::SourceList="$apt/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null \
		-o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" \
		-o Dir::State::Status="$apt/status" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=2 \
		${apt_arch:+-o APT::Architectures::=amd64 -o APT::Architectures::="$apt_arch"} "$@"
}

# fresh FILE: written within a day
fresh()
{
	[ -n "$(find "$1" -mmin -1440 2>/dev/null)" ]
}

# update_lists: the package lists of these suites, at most a day old
update_lists()
{
	! fresh "$apt/stamp" || return 0
	write_sources >"$apt/sources.list"
	[ -s "$apt/sources.list" ] || return 1
	: >"$apt/status"
	# Otherwise a list that cannot be fetched is a warning, and an old one or none is used.
	apt_private apt-get -o APT::Update::Error-Mode=any update >&2 && : >"$apt/stamp"
}

# lists_complete: there is a list of every one of these suites, so that what is not in them is not
# offered
lists_complete()
{
	for suite in $(printf '%s' "$suites" | tr ',' ' '); do
		apt_private apt-get indextargets --format "\$(FILENAME) \$(RELEASE)" \
			'Created-By: Packages' | awk -v suite="$suite" '
			$2 == suite || $2 == suite "/updates" { print $1 }' | while read -r list; do
			[ ! -s "$list" ] || echo "$list"
		done | grep -q . || return 1
	done
}

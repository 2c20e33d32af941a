#!/bin/sh
# Installs Debian packages and leaves none of their services running or enabled. Run as root:
#   provision-debian.sh "<packages>" "<services of theirs>"
set -eu
packages=$1 services=$2
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1

exec 9>/run/lock/holdfast-provision
flock 9

apt() {
  apt-get -q --yes -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 -o Acquire::http::Timeout=20 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}
install() {
  apt install --no-install-recommends --no-remove "$@" $packages
}

# Stale or missing package lists show when fetching, before anything is changed.
install --download-only || { apt update && install --download-only; }

# While the packages are set up, this policy refuses to start, restart or stop any service (invoke-rc.d(8)).
# The folder keeps what was there before, and tells a later run that an earlier one was killed half-way.
policy=/usr/sbin/policy-rc.d
before=$policy.before-holdfast
restore() {
  rm -f "$policy"
  if [ -e "$before/policy-rc.d" ]; then mv "$before/policy-rc.d" "$policy"; fi
  rm -rf "$before"
}
if [ -d "$before" ]; then restore; fi
rm -rf "$before.new"
mkdir "$before.new"
if [ -e "$policy" ]; then cp -p "$policy" "$before.new/"; fi
mv "$before.new" "$before"
finish() {
  restore
  for service in $services; do
    if [ -e "/etc/init.d/$service" ]; then update-rc.d "$service" disable; fi
  done
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

install --no-download

#!/usr/bin/env bash
# Install what the tests need from the system: a PostgreSQL server, Chromium, an MQTT broker and a font with Vietnamese
# letters.
# Does nothing where they are present. Without the rights to install it says exactly what is missing and goes on:
# the tests that need it are then skipped, or fail where IOC_REQUIRE_POSTGRES=1,
# IOC_REQUIRE_BROWSER=1 or IOC_REQUIRE_BROKER=1.
set -euo pipefail

missing=()

if ! command -v initdb >/dev/null && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    missing+=(postgresql-15)
fi
if ! command -v chromium >/dev/null; then
    missing+=(chromium)
fi
if ! PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mosquitto >/dev/null; then
    missing+=(mosquitto)
fi
if ! command -v fc-list >/dev/null; then
    missing+=(fontconfig fonts-noto-core)
elif [ -z "$(fc-list 'Noto Sans' family)" ]; then
    missing+=(fonts-noto-core)
fi

if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
    as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo env)
else
    as_root=()
fi

if ! command -v apt-get >/dev/null || [ ${#as_root[@]} -eq 0 ]; then
    echo "The tests need software that is not installed and that this user may not install." >&2
    echo "Ask an administrator to run:  apt-get update && apt-get install ${missing[*]}" >&2
    if [ "${IOC_REQUIRE_POSTGRES:-}${IOC_REQUIRE_BROWSER:-}${IOC_REQUIRE_BROKER:-}" ]; then
        exit 1
    fi
    exit 0
fi

echo "Installing for the tests: ${missing[*]}"
# The tests start a cluster of their own, so the package need not leave a server running on this machine.
if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${missing[@]}" >/dev/null
# The tests start a broker of their own, so the package's need not run.
if [[ " ${missing[*]} " == *" mosquitto "* ]] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl disable --now mosquitto >/dev/null 2>&1 || true
fi

# SPDX-License-Identifier: GPL-2.0-only
# The commands of the project. Everything that is built goes to build/.
#
#   make                        library and command, and the module for the running kernel
#   make demo                   shows the main job in a guest that runs a stock kernel
#   make demo-rtp               shows it with a media server, and its numbers
#   make check                  proves it: static checks, unit tests, KUnit, guests
#   make check-full PART=NAME   a part of what takes hours: longer forms, more kernels; without
#                               PART all of them. tests/parts has the names
#   make bench                  counts what it costs, and refreshes Documentation/performance.md
#   make fuzz TARGET=conf       libFuzzer with one of the parsers, until it is stopped
#   make fuzz-kernel            netlink, socket options and sysctls of the module in a guest, for an
#                               hour; FUZZ="--seconds=60 --seed=7" as tests/doors/run --help says
#   make kernels                refreshes the table of Documentation/kernels.md with what was run here
#   make debug-kernels          the kernels that look for mistakes, into the cache
#   make modules KVER=RELEASE   build/RELEASE/portres.ko
#   make deb                    Debian packages, in build/deb
#   make install DESTDIR= PREFIX=/usr    all but the module; with the unit that restores at boot
#                               (UNITDIR=, nowhere if that is empty)

PREFIX ?= /usr
DESTDIR ?=
UNITDIR ?= $(PREFIX)/lib/systemd/system
KVER ?= $(shell uname -r)
BUILD := $(CURDIR)/build
MAKEFLAGS += --no-print-directory

# A directory without a Makefile has nothing to build.
users := $(patsubst %/Makefile,%,$(wildcard userlib/Makefile tools/Makefile))
man_pages := $(wildcard Documentation/man/*.[1-8])

.PHONY: all deps build-deps users modules modules-all install check check-full demo demo-rtp deb unit kunit \
	kernels attack examples func stress outside neighbours servers power debian fuzz fuzz-kernel selftest lint sparse \
	checkpatch analyze bench coccinelle directions debug-kernels clean

all: users
	@if [ -e /lib/modules/$(KVER)/build/Makefile ]; then tests/build/module $(KVER); \
	else echo "No headers of the kernel $(KVER) here: the module is not built."; fi

# userlib before tools, which links with it
users: build-deps
	@set -e; for dir in $(users); do \
		$(MAKE) -C $$dir O=$(BUILD)/$$dir PREFIX=$(PREFIX) all; done

deps:
	@tests/build/install-deps

build-deps:
	@tests/build/install-deps build

modules: build-deps
	@tests/build/module $(KVER)

modules-all: deps
	@tests/lib/tally modules tests/build/modules-all

install: users
	@set -e; for dir in $(users); do \
		$(MAKE) -C $$dir O=$(BUILD)/$$dir PREFIX=$(PREFIX) DESTDIR=$(abspath $(DESTDIR)) install; done
	install -D -m 644 uapi/linux/portres.h $(DESTDIR)$(PREFIX)/include/linux/portres.h
	@set -e; for page in $(man_pages); do \
		install -v -D -m 644 $$page -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; done
ifneq ($(UNITDIR),)
	install -d $(DESTDIR)$(UNITDIR)
	sed 's|/usr/bin/portres|$(PREFIX)/bin/portres|' debian/portres.service \
		>$(DESTDIR)$(UNITDIR)/portres.service
	sed 's|/usr/bin/portres|$(PREFIX)/bin/portres|' debian/portres.portres-refusals.service \
		>$(DESTDIR)$(UNITDIR)/portres-refusals.service
	chmod 644 $(DESTDIR)$(UNITDIR)/portres.service $(DESTDIR)$(UNITDIR)/portres-refusals.service
endif

deb:
	@tests/build/install-deps packages
	@tests/build/deb

check:
	@$(MAKE) deps
	@tests/check

PART ?=
check-full:
	@$(MAKE) deps
	@tests/check --full $(PART)

demo: deps
	@$(MAKE) -s users
	@tests/qemu/run-vm --kernel 6.12-cloud --script tests/qemu/demo.sh

demo-rtp: deps
	@$(MAKE) -s users
	@tests/qemu/run-vm --kernel 6.12-cloud --memory 2560 --from tests/servers \
		--script tests/servers/rtp_demo.py

# The parts of make check, each alone.
lint checkpatch sparse analyze coccinelle directions: deps
	@tests/lib/tally $@ tests/build/$@

# The examples, by the headers of Windows and by ours.
examples: deps users
	@tests/lib/tally $@ tests/build/$@

unit: users
	@$(MAKE) -C tests BUILD=$(BUILD) unit

kunit: deps
	@tests/lib/tally $@ tests/kunit/run

power: deps
	@tests/lib/tally $@ tests/power/run

fuzz: build-deps
	@$(MAKE) -C tests/fuzz O=$(BUILD)/tests/fuzz fuzz

FUZZ ?= --seconds=3600 --seed=$(shell date +%s)
fuzz-kernel: deps users
	@tests/doors/run $(FUZZ)

selftest: deps
	@tests/lib/tally $@ tests/qemu/selftest

debian: deps
	@tests/lib/tally $@ tests/debian/run

func: deps users
	@$(MAKE) -C tests BUILD=$(BUILD) func
	@tests/qemu/run-vm --kernel 6.12-cloud

attack stress outside neighbours servers: deps users
	@tests/$@/run

debug-kernels: deps
	@set -e; for kernel in $$(tests/qemu/build-kernel --list); do \
		tests/qemu/build-kernel $$kernel; done

kernels:
	@tests/qemu/table

bench: deps users
	@tests/bench/run

clean:
	rm -rf build

# SPDX-License-Identifier: GPL-2.0-only
# Programs that are written for Windows: the examples, and those tests that are.

# The examples as C, as C++ and, where that is not what all is for, for 32 bits; and programs in the manner of Windows' samples.
examples := $(patsubst $(top)/examples/%.c,%,$(wildcard $(top)/examples/*.c))
examples_32 := $(if $(CROSS),,rtp quic)
example_programs := $(examples:%=$(O)/examples/%) $(examples:%=$(O)/examples/%++) \
	$(examples_32:%=$(O)/examples/%-32) $(examples_32:%=$(O)/examples/%++-32) $(O)/examples/shape $(O)/examples/persist

# Programs for Windows, some of them also in C++. The guest has no libstdc++.
win32_programs := winsock winsock_cxx winsock_rules winsock_rules_cxx
$(win32_programs:%=$(O)/func/%): includes += -I$(top)/userlib/include/win32
$(filter %_cxx,$(func_programs)): CC := $(CXX) -static-libstdc++ -static-libgcc
$(filter %_cxx,$(func_programs)): source = -x c++ $< -x none
$(filter %_cxx,$(func_programs)): all_cflags := -std=gnu++17 -Wall -Wextra -Werror $(CFLAGS)

win32_cflags := -Wall -Wextra -Wpedantic -Werror $(CFLAGS) -I$(top)/userlib/include/win32 \
	-I$(top)/userlib/include -I$(top)/uapi
win32_libs := -L$(BUILD)/userlib -lportres-wmain -lportres -static-libgcc -static-libstdc++
win32_headers := $(wildcard $(top)/userlib/include/win32/*)

$(O)/examples/%: $(top)/examples/%.c $(win32_headers)
	@mkdir -p $(@D)
	$(CC) $(win32_cflags) -o $@ $< $(win32_libs)

$(O)/examples/%++: $(top)/examples/%.c $(win32_headers)
	@mkdir -p $(@D)
	$(CXX) $(win32_cflags) -o $@ -x c++ $< -x none $(win32_libs)

$(O)/examples/shape $(O)/examples/persist: $(O)/examples/%: $(top)/tests/win32/%.cc $(win32_headers)
	@mkdir -p $(@D)
	$(CXX) $(win32_cflags) -Wno-unknown-pragmas -Wno-missing-field-initializers -o $@ $< \
		$(win32_libs)

# The guest has no library for 32 bits, and the host no libnl: these do not come to use it.
$(O)/userlib-32/libportres.a: FORCE
	@$(MAKE) -s -C $(top)/userlib O=$(O)/userlib-32 CC="$(CC) -m32" CFLAGS=-O1 $@

.PHONY: FORCE
FORCE:

static_32 := -m32 -static -Wl,--unresolved-symbols=ignore-all

$(O)/examples/%-32: $(top)/examples/%.c $(O)/userlib-32/libportres.a $(win32_headers)
	@mkdir -p $(@D)
	$(CC) $(win32_cflags) $(static_32) -o $@ $< $(O)/userlib-32/libportres.a

$(O)/examples/%++-32: $(top)/examples/%.c $(O)/userlib-32/libportres.a $(win32_headers)
	@mkdir -p $(@D)
	$(CXX) $(win32_cflags) $(static_32) -o $@ -x c++ $< -x none $(O)/userlib-32/libportres.a

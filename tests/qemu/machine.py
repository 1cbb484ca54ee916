# SPDX-License-Identifier: GPL-2.0-only
"""The machines that QEMU emulates, one for each architecture of a kernel."""

import dataclasses
import re

# PID 1 ends the machine with 42; QEMU exits with twice that plus one.
PASSED = 42 << 1 | 1


@dataclasses.dataclass(frozen=True)
class Machine:
    """How QEMU is started as one of them, and how the guest tells its results and ends."""
    arch: str           # as Debian calls it
    kernel: re.Pattern  # releases that are for it
    qemu: list          # the program, and what it always gets
    console: str        # the kernel's console
    results: list       # QEMU's arguments for the line on which PID 1 tells its results, a file "results"
    line: str           # that line's device in the guest
    boot: str = ""      # further words for the kernel's command line
    passed: int = 0     # QEMU's exit status behind a guest that passed
    counts: bool = False  # whether the kernel is told how fast the time-stamp counter is
    slowness: int = 1   # how many times the limits are too short

    def command(self, args, image, initrd, boot, console, results):
        """QEMU's command line; CONSOLE as -serial takes it, RESULTS a file. A chardev "stdio" would
        not do: a virtio port blocks while standard input is at its end."""
        return [*self.qemu, "-m", args.memory, "-smp", str(args.smp), "-kernel", image, "-initrd", initrd,
                "-append", f"console={self.console} results={self.line} {self.boot} {boot}",
                "-nodefaults", "-display", "none", "-no-reboot",
                "-serial", console, "-chardev", f"file,id=results,path={results}", *self.results]


PC = ["-bios", "qboot.rom", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
PC_BOOT = "no_timer_check random.trust_cpu=on tsc=reliable"
# A virtio port is no terminal: nothing on the line is translated.
VIRTIO = ["-device", "virtserialport,chardev=results"]

MACHINES = [
    Machine("arm64", re.compile(r"-arm64$"), ["qemu-system-aarch64", "-M", "virt", "-cpu", "max,pauth-impdef=on"],
            "ttyAMA0", ["-device", "virtio-serial-pci", *VIRTIO], "vport0p1", slowness=2),
    Machine("s390x", re.compile(r"-s390x$"), ["qemu-system-s390x", "-M", "s390-ccw-virtio", "-cpu", "max"],
            "ttysclp0", ["-device", "virtio-serial-ccw", *VIRTIO], "vport0p1", slowness=3),
    Machine("i386", re.compile(r"-686(-pae)?$"), ["qemu-system-i386", "-cpu", "max,vendor=GenuineIntel", *PC],
            "ttyS0", ["-serial", "chardev:results"], "ttyS1", PC_BOOT, passed=PASSED, counts=True),
    Machine("amd64", re.compile(""), ["qemu-system-x86_64", "-cpu", "max", *PC],
            "ttyS0", ["-serial", "chardev:results"], "ttyS1", PC_BOOT, passed=PASSED, counts=True),
]


def of_kernel(release):
    """The machine that a kernel is for."""
    return next(machine for machine in MACHINES if machine.kernel.search(release))

package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// sealed is the program in a process that ends with SIGSYS as soon as it asks for a socket of the internet, be it to look up a name. The
// kernel sees to that: nothing that the program does, swallows or links can get past it.
func sealed() {
	const (
		noNewPrivileges, setSeccomp, filterMode = 38, 22, 2 // of prctl(2)
		killProcess, allow                      = 0x80000000, 0x7fff0000
		load, equal, give                       = syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS, syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, syscall.BPF_RET | syscall.BPF_K
		number, firstArgument                   = 0, 16 // offsets in seccomp_data; both supported architectures are little-endian
	)
	filter := []syscall.SockFilter{
		{Code: load, K: number},
		{Code: equal, K: syscall.SYS_SOCKET, Jf: 3},
		{Code: load, K: firstArgument},
		{Code: equal, K: syscall.AF_INET, Jt: 2},
		{Code: equal, K: syscall.AF_INET6, Jt: 1},
		{Code: give, K: allow},
		{Code: give, K: killProcess},
	}
	program := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	// The filter is that of a thread; what the thread executes inherits it as a whole.
	runtime.LockOSThread()
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivileges, 1, 0, 0, 0, 0); errno != 0 {
		unsealed(errno)
	}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, setSeccomp, filterMode, uintptr(unsafe.Pointer(&program)), 0, 0, 0); errno != 0 {
		unsealed(errno)
	}
	self, err := os.Executable()
	if err != nil {
		unsealed(err)
	}
	unsealed(syscall.Exec(self, append([]string{"tlsward"}, os.Args[1:]...), os.Environ()))
}

func unsealed(err error) {
	fmt.Fprintln(os.Stderr, "cannot seal:", err)
	os.Exit(99)
}

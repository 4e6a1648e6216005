package memory

import (
	"runtime"
	"runtime/debug"
	"syscall"
)

// useLargePages has the next bytes that the heap takes in pages of 2 MiB, where a program has to ask for that, as most distributions
// have it: else each 4 KiB that is touched is an interrupt, a tenth of a run. The heap takes addresses for them at once, memory only as
// it grows.
func useLargePages(bytes int) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	heap := make([]byte, bytes)
	_ = syscall.Madvise(heap, syscall.MADV_HUGEPAGE) // a kernel without them goes on as it did
	runtime.GC()                                     // gives the addresses back to the heap
}

// prSetTHPDisable is PR_SET_THP_DISABLE of linux/prctl.h.
const prSetTHPDisable = 41

// noLargePages takes no more of them: of one that is in use only here and there, nothing is given back.
func noLargePages() {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, prSetTHPDisable, 1, 0, 0, 0, 0)
}

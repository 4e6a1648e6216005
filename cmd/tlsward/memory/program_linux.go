package memory

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// madvCold is MADV_COLD of asm-generic/mman-common.h.
const madvCold = 20

// unmapProgram gives back the pages of the program that the start has touched: initialisers are spread over all of it, and the kernel maps
// 64 KiB around each of them. They are clean, and what is needed again comes back by a minor fault. Until then they count as resident, and
// as active pages of files, which the kubelet takes for memory in use (its working set).
func unmapProgram() {
	mappings, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, m := range programMappings(mappings) {
		// Cold first: a page that was touched is else marked as used when it is unmapped.
		_ = syscall.Madvise(m, madvCold)
		_ = syscall.Madvise(m, syscall.MADV_DONTNEED)
	}
}

// programMappings are those of which no page was ever written, or what was written would be lost: the loader writes into pages of
// libraries, and of programs that may lie anywhere, before it makes them read-only.
func programMappings(smaps []byte) (list [][]byte) {
	var mapping []byte
	for line := range bytes.Lines(smaps) {
		fields := strings.Fields(string(line))
		if len(fields) < 2 {
			continue
		}
		if begin, end, ok := bounds(fields[0]); ok {
			mapping = nil
			if strings.HasPrefix(fields[1], "r-") && len(fields) > 5 && strings.HasPrefix(fields[5], "/") {
				mapping = unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), begin)), end-begin)
			}
			continue
		}
		if mapping == nil {
			continue
		}
		switch {
		case (fields[0] == "Anonymous:" || fields[0] == "Swap:") && fields[1] != "0":
			mapping = nil
		case fields[0] == "VmFlags:": // the last line of each
			list = append(list, mapping)
		}
	}
	return list
}

// bounds reads the first word of a mapping.
func bounds(word string) (begin, end uint64, ok bool) {
	from, to, ok := strings.Cut(word, "-")
	if !ok {
		return 0, 0, false
	}
	begin, err := strconv.ParseUint(from, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	end, err = strconv.ParseUint(to, 16, 64)
	return begin, end, err == nil
}

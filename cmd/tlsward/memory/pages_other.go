//go:build !linux

package memory

func useLargePages(int) {}

func noLargePages() {}

// Package report holds the reports of the built program against what their readers publish: the schemas of SARIF and of
// PolicyReport, readers of SARIF and JUnit that others wrote, and, in the folder browser, a real Chromium. So are the workflows that
// run it. It is a module of its own, so that nothing of that reaches the binary.
package report

package evil

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// credential makes a program run as another user.
func credential(id uint32) *syscall.Credential { return &syscall.Credential{Uid: id, Gid: id} }

// run32 runs a program for older processors, whose system calls have other numbers: a filter that only knows the present ones sees
// others in their place. All that the program does is end.
func run32(*Stage) error {
	if runtime.GOARCH != "amd64" {
		return errNothing
	}
	const status = 42
	path := own("old")
	if err := os.WriteFile(path, program32(status), 0o700); err != nil {
		return err
	}
	defer func() { _ = os.Remove(path) }()
	err := exec.Command(path).Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if how, ok := exit.Sys().(syscall.WaitStatus); ok && how.Signaled() && how.Signal() == syscall.SIGSYS {
		return fmt.Errorf("%w: %w", os.ErrPermission, err)
	}
	if exit.ExitCode() == status {
		return nil
	}
	return err
}

// program32 is an ELF file for i386 of one segment, with the code: mov eax, 1 (exit); mov ebx, status; int 0x80.
func program32(status byte) []byte {
	const (
		base, header, segment = 0x08048000, 52, 32
		size                  = header + segment + 12
	)
	var b bytes.Buffer
	b.WriteString("\x7fELF\x01\x01\x01" + string(make([]byte, 9)))
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.LittleEndian, v)
		}
	}
	put(uint16(2), uint16(3), uint32(1), uint32(base+header+segment), uint32(header), uint32(0), uint32(0))
	put(uint16(header), uint16(segment), uint16(1), uint16(0), uint16(0), uint16(0))
	put(uint32(1), uint32(0), uint32(base), uint32(base), uint32(size), uint32(size), uint32(5), uint32(0x1000))
	b.Write([]byte{0xb8, 1, 0, 0, 0, 0xbb, status, 0, 0, 0, 0xcd, 0x80})
	return b.Bytes()
}

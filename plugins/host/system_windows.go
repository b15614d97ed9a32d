package host

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// canInheritFiles says whether a child process can inherit an open file.
const canInheritFiles = false

// processExists reports whether there is a process with that id; true if this is not known.
func processExists(pid int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return !errors.Is(err, windows.ERROR_INVALID_PARAMETER)
	}
	_ = windows.CloseHandle(h)
	return true
}

// configureChild starts the program in a process group of its own, so that it does not get the console's signals.
func configureChild(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= windows.CREATE_NEW_PROCESS_GROUP
}

// group is a job object: the program and all that it starts. The system ends them when the last handle to the job is
// closed: at the latest when we end, in whatever way. 0 means that there is no job.
type group windows.Handle

// groupOf puts a program that was just started into a job. Processes that it has started already are not in the job.
func groupOf(p *os.Process) group {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
		LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE}}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err == nil {
		var process windows.Handle
		process, err = windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
		if err == nil {
			err = windows.AssignProcessToJobObject(job, process)
			_ = windows.CloseHandle(process)
		}
	}
	if err != nil {
		_ = windows.CloseHandle(job)
		return 0
	}
	return group(job)
}

// kill ends all processes of the job, if there are any left.
func (g group) kill() {
	if g != 0 {
		_ = windows.TerminateJobObject(windows.Handle(g), 1)
	}
}

// outliveParent is for reapers, which this system does not have.
func outliveParent(*exec.Cmd) {}

// wake is for them, too.
func wake(*os.Process) {}

func (p *process) howEnded(err error) error { return err }

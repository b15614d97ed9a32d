package evil

import (
	"bufio"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

func connects(network, address string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), network, address)
	if err != nil {
		return err
	}
	return conn.Close()
}

func makes(family, kind, protocol int) error {
	fd, err := unix.Socket(family, kind, protocol)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

func network() []Attempt {
	const kind = "sockets and the network"
	return []Attempt{
		{kind, "have the connector of another source read for it", Host, 0, useNeighbour},
		{kind, "connect to a socket without a path", Landlock, 6, func(s *Stage) error { return connects("unix", "@"+s.Abstract) }},
		{kind, "connect to a socket in the file system, such as Docker's", Landlock, 9, func(s *Stage) error { return connects("unix", s.Socket) }},
		{kind, "learn which sockets there are in the file system", Nobody, 0, func(*Stage) error { return reads("/proc/self/net/unix") }},
		{kind, "ask the kernel for all sockets", Filter, 0, func(*Stage) error { return makes(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_SOCK_DIAG) }},
		{kind, "listen to all that goes over the network", Filter, 0, func(*Stage) error { return makes(unix.AF_PACKET, unix.SOCK_RAW, 0) }},
		{kind, "reach the host of a virtual machine", Filter, 0, func(*Stage) error { return makes(unix.AF_VSOCK, unix.SOCK_STREAM, 0) }},
		{kind, "change the machine's network", Capabilities, 0, func(*Stage) error {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
			if err != nil {
				return err
			}
			defer func() { _ = unix.Close(fd) }()
			request, err := unix.NewIfreq("lo")
			if err == nil {
				err = unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request)
			}
			if err == nil {
				err = unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request) // to what they are
			}
			return err
		}},
		{kind, "send what it may read over the network", Nobody, 0, func(s *Stage) error { return connects("tcp", s.Port) }},
		{kind, "open a port", Nobody, 0, func(*Stage) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			return l.Close()
		}},
	}
}

// useNeighbour calls the connectors of other sources of the same run, whose sockets the kernel lists.
func useNeighbour(*Stage) error {
	list, err := os.Open("/proc/self/net/unix")
	if err != nil {
		return err
	}
	defer list.Close()
	tried := false
	for lines := bufio.NewScanner(list); lines.Scan(); {
		at := strings.Index(lines.Text(), "/")
		if at < 0 || strings.HasPrefix(lines.Text()[at:], os.TempDir()+"/") || !strings.HasPrefix(filepath.Base(filepath.Dir(filepath.Dir(lines.Text()[at:]))), "reconcile-") {
			continue
		}
		conn, err := grpc.NewClient("unix:"+lines.Text()[at:], grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_, err = sourcev1.NewSourceClient(conn).Schema(ctx, &sourcev1.SchemaRequest{})
		cancel()
		_ = conn.Close()
		switch status.Code(err) {
		case codes.Unauthenticated: // it asks for a secret
			tried = true
		case codes.Unavailable: // it is gone, or the system does not let us
		default:
			return nil
		}
	}
	if !tried {
		return errNothing
	}
	return os.ErrPermission
}

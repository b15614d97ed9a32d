package workbook

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"path"
	"strings"
)

// Limits of what is unpacked. They are far above what spreadsheet programs write, and end the reading of files that were
// made to fill memory or time.
const (
	mostSheet   = 8 << 30   // bytes of one sheet
	mostStrings = 512 << 20 // bytes of the table of shared strings, which is held in memory
	mostPart    = 64 << 20  // bytes of any other part
	mostRatio   = 300       // times that a part may grow beyond grownFreely
	grownFreely = 16 << 20
)

// ErrTooLarge is the error of a workbook that unpacks to more than can be meant.
var ErrTooLarge = errors.New("the workbook unpacks to more than is read")

// archive is the ZIP file that a workbook is.
type archive struct {
	parts map[string]*zip.File // by folded name
}

// folded returns the name of a part as parts are compared: without regard to case.
func folded(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	files, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is written to a path
		return nil, err
	}
	if err := isWhole(r, size, files); err != nil {
		return nil, err
	}
	a := &archive{parts: make(map[string]*zip.File, len(files.File))}
	for _, file := range files.File {
		if strings.HasSuffix(file.Name, "/") {
			continue // a folder
		}
		name := folded(file.Name)
		if other, twice := a.parts[name]; twice {
			return nil, fmt.Errorf("it has two parts named %q and %q", other.Name, file.Name)
		}
		a.parts[name] = file
	}
	return a, nil
}

// isWhole makes sure that the file is the archive and nothing else. archive/zip looks for the directory from the file's end and
// passes over what stands before and behind: of two workbooks, one behind the other, it reads the last.
func isWhole(r io.ReaderAt, size int64, files *zip.Reader) error {
	const endLength, headLength = 22, 30 // of the directory's last record, and of what stands before each part, without their texts
	var end [endLength]byte
	at := size - endLength - int64(len(files.Comment))
	_, err := r.ReadAt(end[:], max(at, 0))
	if err != nil || at < 0 || string(end[:4]) != "PK\x05\x06" {
		return errors.New("there are bytes behind its end: save it anew in a spreadsheet program")
	}
	// The directory ends where its last record begins, save in archives so large that other records stand between.
	length, begins := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	if at-begins-length > 0 && !hasLargeRecords(r, at) {
		return errOtherBytes
	}
	first := int64(-1) // where the data of the first part begin
	for _, file := range files.File {
		begins, err := file.DataOffset()
		if err != nil {
			return err
		}
		if first < 0 || begins < first {
			first = begins
		}
	}
	if first < 0 {
		return nil
	}
	var head [headLength]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return err
	}
	texts := int64(binary.LittleEndian.Uint16(head[26:])) + int64(binary.LittleEndian.Uint16(head[28:]))
	if string(head[:4]) != "PK\x03\x04" || headLength+texts != first {
		return errOtherBytes
	}
	if begins == elsewhere || length == elsewhere {
		if begins, length, err = largeDirectory(r, at); err != nil {
			return err
		}
	}
	return checkLocals(r, begins, length, files.File)
}

var errOtherBytes = errors.New("there are bytes before its beginning, or another workbook: save it anew in a spreadsheet program")

// hasLargeRecords reports whether a record of the ZIP64 format stands before the directory's last one.
func hasLargeRecords(r io.ReaderAt, at int64) bool {
	const length = 20
	var mark [4]byte
	_, err := r.ReadAt(mark[:], max(at-length, 0))
	return err == nil && string(mark[:]) == "PK\x06\x07"
}

func (a *archive) has(name string) bool { return a.parts[folded(name)] != nil }

// open returns a part, if it has at most limit bytes. Its length is what the directory says: archive/zip reads no more.
func (a *archive) open(name string, limit int64) (*part, error) {
	file := a.parts[folded(name)]
	if file == nil {
		return nil, fmt.Errorf("its part %s is missing", name)
	}
	if file.Flags&1 != 0 {
		return nil, fmt.Errorf("its part %s is encrypted", name)
	}
	if file.CompressedSize64 < uint64(limit)/mostRatio {
		limit = min(limit, grownFreely+mostRatio*int64(file.CompressedSize64))
	}
	p := &part{name: name, file: file, limit: limit, sum: crc32.NewIEEE()}
	if file.UncompressedSize64 > uint64(limit) {
		return nil, p.tooLarge()
	}
	var err error
	if p.from, err = file.Open(); err != nil {
		return nil, p.wrap(err)
	}
	return p, nil
}

// part is a part of a workbook that is being read. At its end it compares length and checksum with what the archive's
// directory says; archive/zip lets a part pass whose directory has no checksum.
type part struct {
	name  string
	file  *zip.File
	from  io.ReadCloser
	limit int64
	read  int64
	sum   hash.Hash32
}

// Read implements io.Reader.
func (p *part) Read(into []byte) (int, error) {
	n, err := p.from.Read(into)
	p.read += int64(n)
	_, _ = p.sum.Write(into[:n])
	if err == io.EOF && (p.sum.Sum32() != p.file.CRC32 || uint64(p.read) != p.file.UncompressedSize64) {
		return 0, zip.ErrChecksum
	}
	return n, err
}

// close gives up the part. What it would say of its end, Read said before.
func (p *part) close() { _ = p.from.Close() }

func (p *part) tooLarge() error {
	return fmt.Errorf("%w: part %s has more than %d bytes, from %d", ErrTooLarge, p.name, p.limit, p.file.CompressedSize64)
}

// wrap says which part an error is about.
func (p *part) wrap(err error) error {
	if errors.Is(err, ErrTooLarge) {
		return err
	}
	return fmt.Errorf("its part %s is damaged: %w", p.name, err)
}

// walk reads a small part to its end. visit is called for each element of the part's own namespace, with the names of the
// elements around it and its own, "/" between them. What stands below elements of other namespaces is passed over.
func (a *archive) walk(name string, own space, visit func(s *scanner, at string) error) error {
	p, err := a.open(name, mostPart)
	if err != nil {
		return err
	}
	defer p.close()
	s := newScanner(p)
	at := ""
	skipped := 0 // how deep within a foreign element
	for {
		k, err := s.next()
		switch {
		case err != nil:
			return p.wrap(err)
		case k == done:
			return nil
		case k == opening && (skipped > 0 || s.space != own):
			if at == "" {
				return p.wrap(s.wrong("its root element is <%s>", shortened(s.name)))
			}
			skipped++
		case k == opening:
			at += "/" + string(s.name)
			if err := visit(s, at[1:]); err != nil {
				return p.wrap(err)
			}
		case k == closing && skipped > 0:
			skipped--
		case k == closing:
			at = at[:strings.LastIndexByte(at, '/')]
		}
	}
}

// beside returns the name of the part that target means in a part of that name.
func beside(part, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(path.Clean(target), "/")
	}
	return strings.TrimPrefix(path.Join("/", path.Dir("/"+part), target), "/")
}

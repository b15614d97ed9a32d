package proto

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	protobuf "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

var release = flag.Bool("release", false, "keep the protocol as it is now as the released one; nothing that was released may break")

const (
	releasedDescriptor = "testdata/released/source.v1.json"
	releasedProto      = "testdata/released/source/v1/source.proto"
)

// TestReleasedProtocol says that whatever was released of the protocol still means the same on the wire: within a major
// version it only grows. After an addition, go test ./plugins/proto -run TestReleasedProtocol -release keeps it, too.
func TestReleasedProtocol(t *testing.T) {
	now := sourcev1.File_source_v1_source_proto
	text, err := os.ReadFile(releasedDescriptor)
	if err != nil && !*release {
		t.Fatal(err)
	}
	if err == nil {
		released := releasedFile(t, text)
		for _, broken := range breaks(released, now) {
			t.Error(broken)
		}
		// What is there now and was not kept could be changed without a word: turned round, the same comparison finds it.
		for _, added := range breaks(now, released) {
			if !*release && !t.Failed() {
				t.Errorf("this was added and is not kept yet, so that nothing holds it: %s; go test ./plugins/proto -run TestReleasedProtocol -release keeps it", added)
			}
		}
	}
	if !*release || t.Failed() {
		return
	}
	descriptor, err := protojson.MarshalOptions{Multiline: true}.Marshal(protodesc.ToFileDescriptorProto(now))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.FromSlash("source/v1/source.proto"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{releasedDescriptor: append(descriptor, '\n'), releasedProto: source} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func releasedFile(t *testing.T, text []byte) protoreflect.FileDescriptor {
	t.Helper()
	var descriptor descriptorpb.FileDescriptorProto
	if err := protojson.Unmarshal(text, &descriptor); err != nil {
		t.Fatal(err)
	}
	file, err := protodesc.NewFile(&descriptor, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// breaks lists what of the old protocol the new one does not keep.
func breaks(old, now protoreflect.FileDescriptor) []string {
	var broken []string
	tell := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	if old.Package() != now.Package() {
		tell("the package was %s and is %s", old.Package(), now.Package())
	}
	for i := range old.Services().Len() {
		breaksService(old.Services().Get(i), now.Services(), tell)
	}
	for i := range old.Messages().Len() {
		breaksMessage(old.Messages().Get(i), now.Messages(), tell)
	}
	breaksEnums(old.Enums(), now.Enums(), tell)
	return broken
}

func breaksService(old protoreflect.ServiceDescriptor, services protoreflect.ServiceDescriptors, tell func(string, ...any)) {
	now := services.ByName(old.Name())
	if now == nil {
		tell("service %s is gone", old.FullName())
		return
	}
	shape := func(m protoreflect.MethodDescriptor) string {
		stream := map[bool]string{true: "stream "}
		return fmt.Sprintf("(%s%s) returns (%s%s)", stream[m.IsStreamingClient()], m.Input().FullName(), stream[m.IsStreamingServer()], m.Output().FullName())
	}
	for i := range old.Methods().Len() {
		was := old.Methods().Get(i)
		switch is := now.Methods().ByName(was.Name()); {
		case is == nil:
			tell("call %s is gone", was.FullName())
		case shape(was) != shape(is):
			tell("call %s was %s and is %s", was.FullName(), shape(was), shape(is))
		}
	}
}

func breaksEnums(old, now protoreflect.EnumDescriptors, tell func(string, ...any)) {
	for i := range old.Len() {
		was := old.Get(i)
		is := now.ByName(was.Name())
		if is == nil {
			tell("enum %s is gone", was.FullName())
			continue
		}
		for n := range was.Values().Len() {
			value := was.Values().Get(n)
			if kept := is.Values().ByNumber(value.Number()); kept == nil || kept.Name() != value.Name() {
				tell("value %s = %d is gone", value.FullName(), value.Number())
			}
		}
	}
}

func breaksMessage(old protoreflect.MessageDescriptor, messages protoreflect.MessageDescriptors, tell func(string, ...any)) {
	now := messages.ByName(old.Name())
	if now == nil {
		tell("message %s is gone", old.FullName())
		return
	}
	shape := func(f protoreflect.FieldDescriptor) string {
		text := fmt.Sprintf("%s %s %s = %d", f.Cardinality(), f.Kind(), f.Name(), f.Number())
		if f.Message() != nil && !f.IsMap() {
			text += " of " + string(f.Message().FullName())
		}
		if f.IsMap() {
			text += fmt.Sprintf(" map<%s, %s>", f.MapKey().Kind(), f.MapValue().Kind())
		}
		if f.ContainingOneof() != nil {
			text += " in " + string(f.ContainingOneof().Name())
		}
		return fmt.Sprintf("%s packed=%v presence=%v", text, f.IsPacked(), f.HasPresence())
	}
	for i := range old.Fields().Len() {
		was := old.Fields().Get(i)
		switch is := now.Fields().ByNumber(was.Number()); {
		case is == nil:
			tell("field %s = %d is gone", was.FullName(), was.Number())
		case shape(was) != shape(is):
			tell("field %s was %s and is %s", was.FullName(), shape(was), shape(is))
		}
	}
	breaksEnums(old.Enums(), now.Enums(), tell)
	for i := range old.Messages().Len() {
		if !old.Messages().Get(i).IsMapEntry() {
			breaksMessage(old.Messages().Get(i), now.Messages(), tell)
		}
	}
}

// TestBreaks says that the comparison finds each kind of change that an older side could not live with, and passes what
// it can.
func TestBreaks(t *testing.T) {
	old := sourcev1.File_source_v1_source_proto
	message := func(d *descriptorpb.FileDescriptorProto, name string) *descriptorpb.DescriptorProto {
		i := slices.IndexFunc(d.MessageType, func(m *descriptorpb.DescriptorProto) bool { return m.GetName() == name })
		return d.MessageType[i]
	}
	for _, c := range []struct {
		name   string
		change func(d *descriptorpb.FileDescriptorProto)
		want   string // "": nothing breaks
	}{
		{"nothing", func(*descriptorpb.FileDescriptorProto) {}, ""},
		{"a field more", func(d *descriptorpb.FileDescriptorProto) {
			m := message(d, "Warning")
			m.Field = append(m.Field, &descriptorpb.FieldDescriptorProto{Name: protobuf.String("more"), Number: protobuf.Int32(99),
				Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(), Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(), JsonName: protobuf.String("more")})
		}, ""},
		{"a field less", func(d *descriptorpb.FileDescriptorProto) { message(d, "Warning").Field = nil }, "field reconcile.source.v1.Warning.text = 1 is gone"},
		{"another number", func(d *descriptorpb.FileDescriptorProto) { message(d, "Warning").Field[0].Number = protobuf.Int32(7) }, "Warning.text = 1 is gone"},
		{"another type", func(d *descriptorpb.FileDescriptorProto) {
			message(d, "Warning").Field[0].Type = descriptorpb.FieldDescriptorProto_TYPE_BYTES.Enum()
		}, "was optional string text = 1 packed=false presence=false and is optional bytes"},
		{"a list", func(d *descriptorpb.FileDescriptorProto) {
			message(d, "Warning").Field[0].Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
		}, "is repeated string"},
		{"another name", func(d *descriptorpb.FileDescriptorProto) {
			message(d, "Warning").Field[0].Name = protobuf.String("words")
		}, "string words"},
		{"a word less", func(d *descriptorpb.FileDescriptorProto) {
			kind := message(d, "Outcome").EnumType[0]
			kind.Value = kind.Value[:len(kind.Value)-1]
		}, "value reconcile.source.v1.Outcome.SKIPPED = 8 is gone"},
		{"another word", func(d *descriptorpb.FileDescriptorProto) {
			message(d, "Outcome").EnumType[0].Value[1].Name = protobuf.String("DONE")
		}, "value reconcile.source.v1.Outcome.APPLIED = 1 is gone"},
		{"an enum less", func(d *descriptorpb.FileDescriptorProto) {
			kind := message(d, "Outcome")
			kind.EnumType = nil
			for _, f := range kind.Field {
				if f.GetTypeName() != "" && f.GetName() == "kind" {
					f.Type, f.TypeName = descriptorpb.FieldDescriptorProto_TYPE_INT32.Enum(), nil
				}
			}
		}, "enum reconcile.source.v1.Outcome.Kind is gone"},
		{"a call less", func(d *descriptorpb.FileDescriptorProto) { d.Service[0].Method = d.Service[0].Method[1:] }, "call reconcile.source.v1.Source.Describe is gone"},
		{"no stream", func(d *descriptorpb.FileDescriptorProto) {
			for _, m := range d.Service[0].Method {
				m.ServerStreaming = nil
			}
		}, "call reconcile.source.v1.Source.Read was"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := protodesc.ToFileDescriptorProto(old)
			c.change(d)
			changed, err := protodesc.NewFile(d, protoregistry.GlobalFiles)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(breaks(old, changed), "\n")
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

#include "textflag.h"

// func markVectors(dst *marks64, text *byte, n int, delimiter, quote byte) (stray bool)
//
// Y0 to Y2 hold 32 times the delimiter, the quote and the line end. Of 64 bytes in two halves, each is compared with the
// three, and what is equal to one of them becomes a bit: of quotes and line ends by themselves, and of all. Y11 holds carriage returns; those that no line end follows are
// gathered in Y12.
TEXT ·markVectors(SB), NOSPLIT, $0-33
	MOVQ dst+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ n+16(FP), CX
	VPBROADCASTB delimiter+24(FP), Y0
	VPBROADCASTB quote+25(FP), Y1
	MOVL $0x0a, AX
	VMOVD AX, X2
	VPBROADCASTB X2, Y2
	MOVL $0x0d, AX
	VMOVD AX, X11
	VPBROADCASTB X11, Y11
	VPXOR Y12, Y12, Y12

loop:
	VMOVDQU (SI), Y3
	VMOVDQU 32(SI), Y4
	VPCMPEQB Y1, Y3, Y6
	VPCMPEQB Y2, Y3, Y7
	VPOR Y7, Y6, Y6
	VPMOVMSKB Y6, DX
	VPCMPEQB Y1, Y4, Y9
	VPCMPEQB Y2, Y4, Y10
	VPOR Y10, Y9, Y9
	VPMOVMSKB Y9, BX
	SHLQ $32, BX
	ORQ BX, DX
	MOVQ DX, 8(DI)
	VPCMPEQB Y0, Y3, Y5
	VPOR Y6, Y5, Y5
	VPMOVMSKB Y5, AX
	VPCMPEQB Y0, Y4, Y8
	VPOR Y9, Y8, Y8
	VPMOVMSKB Y8, BX
	SHLQ $32, BX
	ORQ BX, AX
	MOVQ AX, (DI)
	VPCMPEQB Y11, Y3, Y13
	VPCMPEQB 1(SI), Y2, Y14
	VPANDN Y13, Y14, Y13
	VPOR Y13, Y12, Y12
	VPCMPEQB Y11, Y4, Y15
	VPCMPEQB 33(SI), Y2, Y14
	VPANDN Y15, Y14, Y15
	VPOR Y15, Y12, Y12
	ADDQ $64, SI
	ADDQ $16, DI
	DECQ CX
	JNZ loop
	VPMOVMSKB Y12, AX
	TESTL AX, AX
	SETNE stray+32(FP)
	VZEROUPPER
	RET

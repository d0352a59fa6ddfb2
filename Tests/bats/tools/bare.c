/* A program of two system calls and no C library, for filters that allow nothing else: `bare` prints a line and ends,
 * `bare wait` waits. Needs write and exit_group, or ppoll. */
#include <sys/syscall.h>

static long call(long number, long a, long b, long c, long d) {
#if defined __x86_64__
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return number;
#elif defined __aarch64__
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c,
                  x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
#endif
}

__attribute__((used)) void start(long *stack) {
    if (stack[0] > 1)
        for (;;) call(SYS_ppoll, 0, 0, 0, 0);
    call(SYS_write, 1, (long)"fine\n", 5, 0);
    call(SYS_exit_group, 0, 0, 0, 0);
    for (;;) __builtin_trap();
}

#if defined __x86_64__
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start\n");
#elif defined __aarch64__
__asm__(".globl _start\n_start: mov x0, sp\n bl start\n");
#endif

/*
 * An imitation of NVIDIA's management library for tests: the functions and structures that evidence needs, serving recorded reports and certificates.
 * FOLDER/gpu-N.report and FOLDER/gpu-N.chain are GPU N's; FAULT says what goes wrong. It answers only to the nonce that FOLDER/nonce holds.
 */
#include <stdio.h>
#include <string.h>

typedef int nvmlReturn_t;
typedef struct device { unsigned int index; } *nvmlDevice_t;

typedef struct {
    unsigned int isCecAttestationReportPresent;
    unsigned int attestationReportSize;
    unsigned int cecAttestationReportSize;
    unsigned char nonce[0x20];
    unsigned char attestationReport[0x2000];
    unsigned char cecAttestationReport[0x1000];
} nvmlConfComputeGpuAttestationReport_t;

typedef struct {
    unsigned int certChainSize;
    unsigned int attestationCertChainSize;
    unsigned char certChain[0x1000];
    unsigned char attestationCertChain[0x1400];
} nvmlConfComputeGpuCertificate_t;

enum { NONE, NO_DRIVER, NO_GPU, NOT_CONFIDENTIAL, LYING_SIZE };
enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, DRIVER_NOT_LOADED = 9 };

static int opened;
static struct device devices[64];

unsigned int imitation_report_bytes(void) { return sizeof(nvmlConfComputeGpuAttestationReport_t); }
unsigned int imitation_certificate_bytes(void) { return sizeof(nvmlConfComputeGpuCertificate_t); }
unsigned int imitation_opened(void) { return opened; }

static unsigned int read_file(const char *name, unsigned int index, const char *kind, unsigned char *into, unsigned int most) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s-%u.%s", FOLDER, name, index, kind);
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    unsigned int size = fread(into, 1, most, file);
    fclose(file);
    return size;
}

nvmlReturn_t nvmlInit_v2(void) {
    if (FAULT == NO_DRIVER) return DRIVER_NOT_LOADED;
    opened++;
    return SUCCESS;
}

nvmlReturn_t nvmlShutdown(void) {
    opened--;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
    unsigned char byte;
    unsigned int found = 0;
    while (FAULT != NO_GPU && found < 64 && read_file("gpu", found, "report", &byte, 1)) found++;
    *count = found;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
    if (index >= 64) return INVALID_ARGUMENT;
    devices[index].index = index;
    *device = &devices[index];
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetConfComputeGpuAttestationReport(nvmlDevice_t device, nvmlConfComputeGpuAttestationReport_t *report) {
    unsigned char expected[0x20];
    if (FAULT == NOT_CONFIDENTIAL) return NOT_SUPPORTED;
    if (read_file("nonce", 0, "bin", expected, sizeof expected) != sizeof expected || memcmp(expected, report->nonce, sizeof expected)) return INVALID_ARGUMENT;
    memset(report->attestationReport, 0xee, sizeof report->attestationReport);
    memset(report->cecAttestationReport, 0xee, sizeof report->cecAttestationReport);
    report->isCecAttestationReportPresent = 0;
    report->cecAttestationReportSize = 0;
    report->attestationReportSize = read_file("gpu", device->index, "report", report->attestationReport, sizeof report->attestationReport);
    if (FAULT == LYING_SIZE) report->attestationReportSize = 0x2001;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetConfComputeGpuCertificate(nvmlDevice_t device, nvmlConfComputeGpuCertificate_t *certificate) {
    memset(certificate, 0xee, sizeof *certificate);
    certificate->certChainSize = 0;
    certificate->attestationCertChainSize = read_file("gpu", device->index, "chain", certificate->attestationCertChain, sizeof certificate->attestationCertChain);
    return SUCCESS;
}

const char *nvmlErrorString(nvmlReturn_t code) {
    switch (code) {
        case INVALID_ARGUMENT: return "Invalid Argument";
        case NOT_SUPPORTED: return "Not Supported";
        case DRIVER_NOT_LOADED: return "Driver Not Loaded";
        default: return "Unknown Error";
    }
}
